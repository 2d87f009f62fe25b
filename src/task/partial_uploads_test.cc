#include "task/partial_uploads.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "session/disk_store.h"
#include "support/forwarding_store.h"
#include "support/task_fixture.h"
#include "task/disk_append.h"

namespace gnosis {
namespace {

using Append = std::unique_ptr<UploadAppend>;
using Refusal = PartialUploads::Refusal;
using testing::HasSubstr;

constexpr char kAda[] = "ada@example.org";
constexpr Seconds kTtl{3600};

class PartialUploadsTest : public testing::Test {
 protected:
  PartialUploadsTest() { Restart(); }

  // As after kill -9: what was in memory is gone, appends under way among it.
  void Restart() { uploads_ = NewDiskPartialUploads(folder_.path(), *store_, clock_, {kTtl, 3}); }
  PartialUpload Create(uint64_t length_bytes, const std::string& owner = kAda) {
    const auto upload = uploads_->Create({owner, length_bytes, "scan.pdf", "filename c2Nhbg=="});
    EXPECT_TRUE(upload.ok()) << upload.error().message;
    return *upload;
  }
  Append Start(const PartialUpload& upload, uint64_t offset,
               const std::optional<Checksum>& checksum = std::nullopt) {
    auto started = uploads_->StartAppend(upload, offset, checksum);
    EXPECT_TRUE(started.ok());
    if (!started.ok() || !std::holds_alternative<Append>(*started)) {
      ADD_FAILURE() << "refused";
      return nullptr;
    }
    return std::get<Append>(*std::move(started));
  }
  std::optional<Refusal> RefusalOf(const PartialUpload& upload, uint64_t offset) {
    auto started = uploads_->StartAppend(upload, offset, std::nullopt);
    EXPECT_TRUE(started.ok());
    return std::holds_alternative<Refusal>(*started) ? std::optional(std::get<Refusal>(*started))
                                                     : std::nullopt;
  }
  void Add(const PartialUpload& upload, uint64_t offset, std::string_view bytes) {
    const Append append = Start(upload, offset);
    ASSERT_TRUE(append->Append(bytes).ok());
    EXPECT_EQ(*append->Commit(), offset + bytes.size());
  }
  uint64_t Offset(const PartialUpload& upload) {
    const auto found = uploads_->Find(upload.owner, upload.key.upload_id);
    EXPECT_TRUE(found.ok()) << found.error().message;
    return found.ok() ? found->offset_bytes : 999'999;
  }
  std::optional<ErrorCode> FindError(const PartialUpload& upload, const std::string& owner = kAda) {
    const auto found = uploads_->Find(owner, upload.key.upload_id);
    return found.ok() ? std::nullopt : std::optional(found.code());
  }
  std::string Bytes(const PartialUpload& upload) {
    const auto file = uploads_->Open(upload);
    return file.ok() ? *ReadDescriptor(*file, 1 << 20) : "none";
  }
  std::filesystem::path Data(const PartialUpload& upload) {
    return folder_.path() / UploadDataKey(upload.key);
  }
  static Checksum Sha1Of(std::string_view bytes) {
    Digest digest(Checksum::Algorithm::kSha1);
    digest.Update(bytes);
    return {Checksum::Algorithm::kSha1, digest.Finish()};
  }

  TemporaryFolder folder_;
  std::unique_ptr<ObjectStore> store_ = NewDiskStore(folder_.path());
  HandClock clock_;
  std::unique_ptr<PartialUploads> uploads_;
};

TEST_F(PartialUploadsTest, GrowByAppendsAndOutliveARestart) {
  const PartialUpload upload = Create(10);
  EXPECT_EQ(Offset(upload), 0u);
  Add(upload, 0, "0123");
  Restart();
  EXPECT_EQ(Offset(upload), 4u);
  Add(upload, 4, "456789");
  EXPECT_EQ(Bytes(upload), "0123456789");
  const auto found = uploads_->Find(kAda, upload.key.upload_id);
  EXPECT_EQ(found->length_bytes, 10u);
  EXPECT_EQ(found->file_name, "scan.pdf");
  EXPECT_EQ(found->metadata, "filename c2Nhbg==");
  EXPECT_EQ(found->expires_at, found->created_at + kTtl);
}

TEST_F(PartialUploadsTest, BelongToTheirOwner) {
  const PartialUpload upload = Create(10);
  EXPECT_EQ(FindError(upload, "bob@example.org"), ErrorCode::kNotFound);
  for (const char* id : {"", "..", "../../users", "00000000-0000-4000-8000-000000000000"}) {
    EXPECT_EQ(uploads_->Find(kAda, id).code(), ErrorCode::kNotFound) << id;
  }
}

TEST_F(PartialUploadsTest, TheFileIsTheTruthAboutTheOffset) {
  const PartialUpload upload = Create(10);
  {
    const Append cut = Start(upload, 0);
    ASSERT_TRUE(cut->Append("012").ok());
  }
  EXPECT_EQ(Offset(upload), 3u);
  std::ofstream(Data(upload), std::ios::app) << "34";
  EXPECT_EQ(Offset(upload), 5u);
  EXPECT_EQ(RefusalOf(upload, 3), Refusal::kWrongOffset);
  EXPECT_EQ(RefusalOf(upload, 6), Refusal::kWrongOffset);
}

TEST_F(PartialUploadsTest, OneAppendAtATime) {
  const PartialUpload upload = Create(10);
  Append first = Start(upload, 0);
  ASSERT_TRUE(first->Append("01").ok());
  EXPECT_EQ(RefusalOf(upload, 2), Refusal::kBusy);
  EXPECT_EQ(RefusalOf(Create(5), 0), std::nullopt);
  first.reset();
  Add(upload, 2, "23");
}

TEST_F(PartialUploadsTest, AnAppendThatHasBeenSilentGivesWay) {
  const PartialUpload upload = Create(10);
  const Append silent = Start(upload, 0);
  ASSERT_TRUE(silent->Append("01").ok());
  clock_.now += Seconds(4);
  EXPECT_EQ(RefusalOf(upload, 2), Refusal::kBusy);
  clock_.now += Seconds(1);
  const Append next = Start(upload, 2);
  EXPECT_EQ(silent->Append("xx").code(), ErrorCode::kInterrupted);
  EXPECT_EQ(silent->Commit().code(), ErrorCode::kInterrupted);
  ASSERT_TRUE(next->Append("23").ok());
  EXPECT_EQ(*next->Commit(), 4u);
  EXPECT_EQ(Bytes(upload), "0123");
}

TEST_F(PartialUploadsTest, NothingBehindTheLengthIsTaken) {
  const PartialUpload upload = Create(4);
  const Append append = Start(upload, 0);
  ASSERT_TRUE(append->Append("0123").ok());
  EXPECT_EQ(append->Append("4").code(), ErrorCode::kTooLarge);
  EXPECT_EQ(*append->Commit(), 4u);
}

TEST_F(PartialUploadsTest, TheRightChecksumCountsAndAWrongOneDiscards) {
  const PartialUpload upload = Create(10);
  Add(upload, 0, "01");
  {
    const Append right = Start(upload, 2, Sha1Of("23"));
    ASSERT_TRUE(right->Append("23").ok());
    EXPECT_EQ(Offset(upload), 2u) << "not verified yet";
    EXPECT_EQ(*right->Commit(), 4u);
  }
  {
    const Append wrong = Start(upload, 4, Sha1Of("45"));
    ASSERT_TRUE(wrong->Append("xx").ok());
    EXPECT_EQ(wrong->Commit().code(), ErrorCode::kDamaged);
  }
  EXPECT_EQ(Offset(upload), 4u);
  EXPECT_EQ(Bytes(upload), "0123");
}

TEST_F(PartialUploadsTest, WhatCouldNotBeVerifiedDoesNotCount) {
  const PartialUpload upload = Create(10);
  Add(upload, 0, "01");
  {
    const Append cut = Start(upload, 2, Sha1Of("2345"));
    ASSERT_TRUE(cut->Append("23").ok());
  }
  EXPECT_EQ(Bytes(upload), "01");
  // kill -9: nobody discards. Destroyed only at the end, when nothing is looked at any more.
  const Append killed = Start(upload, 2, Sha1Of("2345"));
  ASSERT_TRUE(killed->Append("23").ok());
  Restart();
  EXPECT_EQ(Bytes(upload), "0123");
  EXPECT_EQ(Offset(upload), 2u);
  Add(upload, 2, "ab");
  EXPECT_EQ(Bytes(upload), "01ab");
  Restart();
  EXPECT_EQ(Offset(upload), 4u);
}

TEST_F(PartialUploadsTest, AnOwnerHasSoManyUnfinishedOnes) {
  const PartialUpload first = Create(1);
  Create(1);
  Create(1);
  const auto fourth = uploads_->Create({kAda, 1, "", ""});
  ASSERT_EQ(fourth.code(), ErrorCode::kTooManyRequests);
  EXPECT_THAT(fourth.error().hint, HasSubstr("MAX_UPLOADS_PER_OWNER"));
  Create(1, "bob@example.org");
  ASSERT_TRUE(uploads_->Finish(first, "00000000-0000-4000-8000-000000000000").ok());
  Create(1);
  clock_.now += kTtl;
  Create(1);
}

TEST_F(PartialUploadsTest, WhatBecameAJobSaysWhichAndHasNoBytes) {
  const PartialUpload upload = Create(2);
  Add(upload, 0, "01");
  ASSERT_TRUE(uploads_->Finish(upload, "00000000-0000-4000-8000-000000000000").ok());
  Restart();
  const auto found = uploads_->Find(kAda, upload.key.upload_id);
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(found->job_id, "00000000-0000-4000-8000-000000000000");
  EXPECT_FALSE(std::filesystem::exists(Data(upload)));
}

TEST_F(PartialUploadsTest, RemovingEndsAnAppend) {
  const PartialUpload upload = Create(10);
  const Append append = Start(upload, 0);
  ASSERT_TRUE(append->Append("01").ok());
  ASSERT_TRUE(uploads_->Remove(upload).ok());
  EXPECT_EQ(append->Append("23").code(), ErrorCode::kInterrupted);
  EXPECT_EQ(FindError(upload), ErrorCode::kNotFound);
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / UploadFolder(upload.key)));
}

TEST_F(PartialUploadsTest, ExpireWithOrWithoutTheSweepAndAreForgottenLater) {
  const PartialUpload looked_for = Create(2);
  const PartialUpload swept = Create(2);
  Add(looked_for, 0, "0");
  Add(swept, 0, "0");
  EXPECT_EQ(*uploads_->Sweep(), 0);
  clock_.now += kTtl;
  EXPECT_EQ(FindError(looked_for), ErrorCode::kGone);
  EXPECT_FALSE(std::filesystem::exists(Data(looked_for)));
  EXPECT_EQ(*uploads_->Sweep(), 1);
  EXPECT_FALSE(std::filesystem::exists(Data(swept)));
  EXPECT_EQ(FindError(swept), ErrorCode::kGone);
  clock_.now += Seconds(7 * 24 * 3600);
  EXPECT_EQ(*uploads_->Sweep(), 0);
  EXPECT_EQ(FindError(swept), ErrorCode::kNotFound);
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / UploadFolder(swept.key)));
}

TEST_F(PartialUploadsTest, TheSweepRemovesAFolderWithoutARecord) {
  const PartialUpload upload = Create(2);
  ASSERT_TRUE(store_->Delete(UploadRecordKey(upload.key), kAnyGeneration).ok());
  EXPECT_EQ(*uploads_->Sweep(), 0);
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / UploadFolder(upload.key)));
}

// What happens to the uploads while another thread is in the middle of a call.
class MeddledStore final : public ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;
  Result<Object> Read(const std::string& key) override {
    auto object = ForwardingStore::Read(key);
    if (const auto others = std::exchange(after_next_read, nullptr)) others(key);
    return object;
  }
  Status DeleteFolder(const std::string& folder) override {
    if (folder == stuck) return Error{ErrorCode::kPermission, folder + ": not allowed", ""};
    return ForwardingStore::DeleteFolder(folder);
  }
  Status Delete(const std::string& key, IfGeneration if_generation) override {
    if (!stuck.empty() && key.starts_with(stuck)) {
      return Error{ErrorCode::kPermission, key + ": not allowed", ""};
    }
    return ForwardingStore::Delete(key, if_generation);
  }
  std::function<void(const std::string& key)> after_next_read;
  std::string stuck;  // nothing in this folder can be removed
};

TEST_F(PartialUploadsTest, TheSweepLeavesWhatIsBeingCreated) {
  // The folder is there, and the record comes when the sweep has just missed it.
  const PartialUpload upload = Create(2);
  const std::string record = store_->Read(UploadRecordKey(upload.key))->bytes;
  ASSERT_TRUE(store_->Delete(UploadRecordKey(upload.key), kAnyGeneration).ok());
  MeddledStore meddled(*store_);
  meddled.after_next_read = [&](const std::string& key) {
    EXPECT_EQ(key, UploadRecordKey(upload.key));
    EXPECT_TRUE(store_->Write(key, record, kAbsent).ok());
  };
  EXPECT_EQ(*NewDiskPartialUploads(folder_.path(), meddled, clock_, {kTtl, 3})->Sweep(), 0);
  EXPECT_EQ(Offset(upload), 0u);
}

TEST_F(PartialUploadsTest, OneThatCannotBeRemovedStopsTheSweepOfNoOther) {
  for (const bool forgotten : {false, true}) {
    for (int stuck = 0; stuck < 4; ++stuck) {
      const PartialUpload uploads[] = {Create(2), Create(2), Create(2),
                                       Create(2, "bob@example.org")};
      for (const PartialUpload& upload : uploads) Add(upload, 0, "0");
      clock_.now += forgotten ? Seconds(8 * 24 * 3600) : kTtl;
      MeddledStore meddled(*store_);
      meddled.stuck = UploadFolder(uploads[stuck].key);
      const auto swept = NewDiskPartialUploads(folder_.path(), meddled, clock_, {kTtl, 3})->Sweep();
      ASSERT_TRUE(swept.ok()) << swept.error().message;
      for (const PartialUpload& upload : uploads) {
        const auto place = forgotten ? folder_.path() / UploadFolder(upload.key) : Data(upload);
        EXPECT_EQ(std::filesystem::exists(place), &upload == &uploads[stuck]);
      }
      EXPECT_EQ(*uploads_->Sweep(), forgotten ? 0 : 1);
      EXPECT_FALSE(std::filesystem::exists(Data(uploads[stuck])));
    }
  }
}

TEST_F(PartialUploadsTest, TheSweepTakesBytesThatAreLeftOfWhatBecameAJob) {
  const PartialUpload upload = Create(1);
  Add(upload, 0, "0");
  MeddledStore meddled(*store_);
  meddled.stuck = UploadFolder(upload.key);
  const auto uploads = NewDiskPartialUploads(folder_.path(), meddled, clock_, {kTtl, 3});
  EXPECT_FALSE(uploads->Finish(upload, "00000000-0000-4000-8000-00000000000a").ok());
  ASSERT_TRUE(std::filesystem::exists(Data(upload)));
  EXPECT_EQ(*uploads_->Sweep(), 0);
  EXPECT_FALSE(std::filesystem::exists(Data(upload)));
  EXPECT_TRUE(uploads_->Find(kAda, upload.key.upload_id)->job_id);
}

TEST_F(PartialUploadsTest, WhatIsRemovedMeanwhileIsNotThereAnyMoreWhateverTheDiskSays) {
  const PartialUpload upload = Create(2);
  Add(upload, 0, "01");
  ASSERT_TRUE(uploads_->Remove(upload).ok());
  const auto file = uploads_->Open(upload);
  EXPECT_EQ(file.code(), ErrorCode::kNotFound);
  EXPECT_EQ(file.error().message, "there is no such upload");
  const auto append = uploads_->StartAppend(upload, 0, std::nullopt);
  EXPECT_EQ(append.code(), ErrorCode::kNotFound);
  EXPECT_EQ(append.error().message, "there is no such upload");
}

TEST(PartialUploadRecord, ComesBackAsItWasWritten) {
  PartialUpload upload;
  upload.key = *ParseUploadKey("0123456789ab", "00000000-0000-4000-8000-000000000000");
  upload.owner = kAda;
  upload.length_bytes = 5'000'000'000;
  upload.file_name = "Größe \"1\".pdf";
  upload.created_at = *ParseTime("2026-01-02T03:04:05Z");
  upload.expires_at = *ParseTime("2026-01-03T03:04:05Z");
  const auto back = DecodePartialUpload(EncodePartialUpload(upload));
  ASSERT_TRUE(back.ok()) << back.error().message;
  EXPECT_EQ(EncodePartialUpload(*back), EncodePartialUpload(upload));
  EXPECT_EQ(back->length_bytes, upload.length_bytes);
  EXPECT_EQ(back->job_id, std::nullopt);
  for (const char* bad : {"", "[]", "{}", "{\"schema_version\":2}"}) {
    EXPECT_EQ(DecodePartialUpload(bad).code(), ErrorCode::kDamaged) << bad;
  }
}

}  // namespace
}  // namespace gnosis
