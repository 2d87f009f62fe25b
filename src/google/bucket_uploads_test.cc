#include "google/bucket_uploads.h"

#include "support/storage_fixture.h"

namespace gnosis {
namespace {

class BucketUploadsTest : public StorageFixture {
 protected:
  // As a browser would: the whole document at once.
  int SendTo(const std::string& url, const std::string& bytes) {
    HttpCall call;
    call.method = "PUT";
    call.url = url;
    call.body = bytes;
    const auto reply = http_->Send(call);
    return reply.ok() ? reply->status : 0;
  }
  PartialUpload Create(uint64_t length_bytes) {
    return *uploads_->Create({.owner = kOwner, .length_bytes = length_bytes, .file_name = "a.pdf"});
  }
  PartialUpload Found(const PartialUpload& upload) {
    return *uploads_->Find(kOwner, upload.key.upload_id);
  }

  const std::string kOwner = "me@example.org";
  const std::unique_ptr<PartialUploads> uploads_ =
      NewBucketUploads(*store_, clock_, {.ttl = Seconds(3600), .max_per_owner = 2});
};

TEST_F(BucketUploadsTest, TheBytesGoToTheBucketAndTheDocumentIsThereWhenTheyAreAllThere) {
  const std::string document = Bytes(300'000);
  const PartialUpload upload = Create(document.size());
  ASSERT_FALSE(upload.direct_url.empty());
  EXPECT_EQ(Found(upload).offset_bytes, 0u);
  EXPECT_EQ(SendTo(upload.direct_url, document), 200);
  EXPECT_EQ(Found(upload).offset_bytes, document.size());
  EXPECT_EQ(Found(upload).file_name, "a.pdf");
  EXPECT_EQ(BytesOf(UploadDataKey(upload.key)), document);
  // The secret is told once.
  EXPECT_TRUE(Found(upload).direct_url.empty());
  EXPECT_EQ(BytesOf(UploadRecordKey(upload.key)).find("http"), std::string::npos);
}

TEST_F(BucketUploadsTest, WhatBecameAJobIsRememberedWithoutItsBytes) {
  const PartialUpload upload = Create(3);
  ASSERT_EQ(SendTo(upload.direct_url, "abc"), 200);
  ASSERT_TRUE(uploads_->Finish(Found(upload), "00000000-0000-4000-8000-00000000000a").ok());
  EXPECT_EQ(Found(upload).job_id, "00000000-0000-4000-8000-00000000000a");
  EXPECT_FALSE(store_->Stat(UploadDataKey(upload.key)).ok());
}

TEST_F(BucketUploadsTest, ADocumentWithoutBytesOpensNoSessionForAnyNumberOfThem) {
  const auto none = uploads_->Create({.owner = kOwner, .length_bytes = 0, .file_name = "a.pdf"});
  EXPECT_EQ(none.code(), ErrorCode::kInvalidArgument);
  EXPECT_EQ(store_->StartResumableUpload({.key = "some/key", .size_bytes = 0}).code(),
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(int(JsonInteger(server_.Admin("/_stats")["by_op"], "start_resumable").value_or(0)), 0);
}

// Whatever way it came there: past a session that did not look.
TEST_F(BucketUploadsTest, MoreOrLessThanWasAnnouncedIsDeleted) {
  for (const std::string& other : {std::string(), std::string("ab"), Bytes(300'000)}) {
    const PartialUpload upload = Create(3);
    Put(UploadDataKey(upload.key), other);
    EXPECT_EQ(uploads_->Find(kOwner, upload.key.upload_id).code(), ErrorCode::kTooLarge);
    EXPECT_EQ(store_->Stat(UploadDataKey(upload.key)).code(), ErrorCode::kNotFound);
    EXPECT_EQ(Found(upload).offset_bytes, 0u);
    ASSERT_TRUE(uploads_->Remove(upload).ok());
  }
}

TEST_F(BucketUploadsTest, WhoSendsAnotherNumberOfBytesIsRefusedByTheSession) {
  const PartialUpload upload = Create(3);
  EXPECT_NE(SendTo(upload.direct_url, "abcdef"), 200);
  EXPECT_EQ(Found(upload).offset_bytes, 0u);
}

TEST_F(BucketUploadsTest, NobodyFindsWhatIsSomebodyElsesOrExpired) {
  const PartialUpload upload = Create(3);
  EXPECT_EQ(uploads_->Find("you@example.org", upload.key.upload_id).code(), ErrorCode::kNotFound);
  EXPECT_EQ(uploads_->Find(kOwner, "../upload").code(), ErrorCode::kNotFound);
  clock_.Advance(Seconds(3601));
  EXPECT_EQ(uploads_->Find(kOwner, upload.key.upload_id).code(), ErrorCode::kGone);
}

TEST_F(BucketUploadsTest, HasALimitPerOwnerAndTakesNoBytesItself) {
  const PartialUpload upload = Create(3);
  Create(3);
  const auto third = uploads_->Create({.owner = kOwner, .length_bytes = 3});
  EXPECT_EQ(third.code(), ErrorCode::kTooManyRequests);
  EXPECT_EQ(uploads_->StartAppend(upload, 0, std::nullopt).code(), ErrorCode::kConflict);
  ASSERT_TRUE(uploads_->Remove(upload).ok());
  EXPECT_EQ(uploads_->Find(kOwner, upload.key.upload_id).code(), ErrorCode::kNotFound);
  EXPECT_TRUE(uploads_->Create({.owner = kOwner, .length_bytes = 3}).ok());
}

}  // namespace
}  // namespace gnosis
