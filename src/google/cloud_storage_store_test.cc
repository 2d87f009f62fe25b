#include "google/cloud_storage_store.h"

#include <fcntl.h>
#include <gmock/gmock.h>

#include "base/text.h"
#include "google/crc32c.h"
#include "support/storage_fixture.h"

namespace gnosis {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

template <typename T>
ErrorCode CodeOf(const Result<T>& result) {
  return result.ok() ? ErrorCode::kInternal : result.code();
}

class CloudStorageTest : public StorageFixture {
 protected:
  HttpReply Send(HttpCall call) {
    const auto reply = http_->Send(call);
    EXPECT_TRUE(reply.ok());
    return reply.ok() ? *reply : HttpReply{};
  }
  Json Resource(const std::string& key) {
    return *ParseJson(
        Send({.url = server_.url() + "/storage/v1/b/attic/o/" + PercentEncode(key)}).body);
  }
};

TEST_F(CloudStorageTest, AnObjectSaysWhatItIsAndIsNotKeptByCaches) {
  Put("users/a/page_001.png", "png");
  Put("users/a/original.bin", "?");
  Put("users/a/result.json", Bytes(3 * kPiece));
  EXPECT_EQ(Resource("users/a/page_001.png")["contentType"], "image/png");
  EXPECT_EQ(Resource("users/a/original.bin")["contentType"], "application/octet-stream");
  EXPECT_EQ(Resource("users/a/result.json")["contentType"], "application/json");
  for (const char* key : {"users/a/page_001.png", "users/a/result.json"}) {
    EXPECT_EQ(Resource(key)["cacheControl"], "no-store") << key;
  }
}

TEST_F(CloudStorageTest, KeysAreTakenAsTheyAre) {
  for (const char* key : {"a b", "a%2Fb", "a?b=c&d", "a#b", "\xc3\xa4", "a+b", "x/a;b/\"c\""}) {
    Put(key, key);
    EXPECT_EQ(BytesOf(key), key);
  }
  EXPECT_EQ(CodeOf(store_->Read("a/b")), ErrorCode::kNotFound);
}

TEST_F(CloudStorageTest, DetailsHaveTheSumsOfTheBytes) {
  const Generation generation = Put("a", "123456789");
  const auto details = store_->Details("a");
  ASSERT_TRUE(details.ok());
  EXPECT_EQ(details->generation, generation);
  EXPECT_EQ(details->size_bytes, 9u);
  EXPECT_EQ(details->crc32c, "4waSgw==");
  EXPECT_EQ(details->md5, "JfnnlDI7RTiF9RgfG2JNCw==");
  EXPECT_THAT(details->write_id, SizeIs(32));
}

TEST_F(CloudStorageTest, LargeObjectsGoUpInPieces) {
  // Around one buffer (two pieces) and around pieces of 256 KiB.
  for (const size_t size :
       {2 * kPiece - 1, 2 * kPiece, 2 * kPiece + 1, 4 * kPiece, 5 * kPiece + 7}) {
    const std::string bytes = Bytes(size);
    const std::string key = "large/" + std::to_string(size);
    Put(key, bytes);
    EXPECT_TRUE(BytesOf(key) == bytes) << size;
    const auto file = store_->Open(key);
    ASSERT_TRUE(file.ok());
    EXPECT_TRUE(*ReadDescriptor(*file, 1 << 30) == bytes) << size;
  }
  const Json ops = server_.Admin("/_stats")["by_op"];
  EXPECT_EQ(ops["insert_multipart"], 2);
  EXPECT_EQ(ops["start_resumable"], 3);
  EXPECT_EQ(ops["put_chunk"], 2 + 2 + 3);
}

TEST_F(CloudStorageTest, AnOpenedObjectCanOnlyBeRead) {
  Put("a", "bytes");
  const auto file = store_->Open("a");
  ASSERT_TRUE(file.ok());
  EXPECT_EQ(::fcntl(file->get(), F_GETFL) & O_ACCMODE, O_RDONLY);
  EXPECT_NE(::fcntl(file->get(), F_GETFD) & FD_CLOEXEC, 0);
}

TEST_F(CloudStorageTest, AStreamThatIsGivenUpEndsItsSession) {
  {
    auto writer = *store_->StartWrite("a", kAbsent);
    ASSERT_TRUE(writer->Append(Bytes(3 * kPiece)).ok());
  }
  EXPECT_EQ(server_.Admin("/_stats")["by_op"]["cancel_resumable"], 1);
  EXPECT_EQ(CodeOf(store_->Read("a")), ErrorCode::kNotFound);
}

TEST_F(CloudStorageTest, ALargeObjectKeepsItsPreconditionUntilTheEnd) {
  auto writer = *store_->StartWrite("a", kAbsent);
  ASSERT_TRUE(writer->Append(Bytes(3 * kPiece)).ok());
  Put("a", "somebody else's");
  EXPECT_EQ(CodeOf(writer->Commit()), ErrorCode::kPreconditionFailed);
  EXPECT_EQ(BytesOf("a"), "somebody else's");
  EXPECT_EQ(CodeOf(store_->Write("a", Bytes(3 * kPiece), kAbsent)), ErrorCode::kPreconditionFailed);
}

TEST_F(CloudStorageTest, ListsWhateverNumberOfPagesItTakes) {
  server_.Admin("/_settings", {{"list_page_limit", 3}});
  std::vector<std::string> keys, folders;
  for (int i = 100; i < 120; ++i) {
    keys.push_back("u/" + std::to_string(i));
    folders.push_back("u/f" + std::to_string(i) + "/");
    Put(keys.back(), "x");
    Put(folders.back() + "x", "x");
  }
  EXPECT_EQ(*store_->List("u/"), keys);
  EXPECT_EQ(*store_->ListFolders("u/"), folders);
  EXPECT_EQ(server_.Admin("/_stats")["by_op"]["list"], 14 + 14);
  ASSERT_TRUE(store_->DeleteFolder("u/").ok());
  EXPECT_THAT(*store_->List("u/"), SizeIs(0));
  EXPECT_THAT(*store_->ListFolders("u/"), SizeIs(0));
}

TEST_F(CloudStorageTest, FolderMarksOfConsolesAreNoObjects) {
  HttpCall mark{.method = "POST",
                .url = server_.url() + "/upload/storage/v1/b/attic/o?uploadType=media&name=u%2F"};
  ASSERT_EQ(Send(mark).status, 200);
  Put("u/a", "x");
  EXPECT_THAT(*store_->List("u/"), ElementsAre("u/a"));
  EXPECT_TRUE(store_->DeleteFolder("u/").ok());
  EXPECT_THAT(*store_->ListFolders(""), SizeIs(0));
}

TEST_F(CloudStorageTest, AMissingBucketIsNotAMissingObject) {
  CloudStorageOptions options;
  options.bucket = "cellar";
  options.endpoint = server_.url();
  options.timing = clock_.timing();
  const auto store = NewCloudStorageStore(options, *http_, *tokens_);
  const Error error = store->Read("a").error();
  EXPECT_EQ(error.code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(error.message, HasSubstr("gs://cellar"));
  EXPECT_THAT(error.hint, HasSubstr("GCS_BUCKET_NAME"));
  EXPECT_EQ(CodeOf(store->Write("a", "x", kAbsent)), ErrorCode::kInvalidArgument);
  EXPECT_EQ(CodeOf(store->List("")), ErrorCode::kInvalidArgument);
}

TEST_F(CloudStorageTest, SaysWhichRoleIsMissing) {
  server_.Admin("/_settings", {{"forbidden", "."}});
  for (const Error& error : {store_->Read("a").error(), store_->Write("a", "x", kAbsent).error(),
                             store_->List("a/").error(), store_->DeleteFolder("a/").error(),
                             store_->Write("b", Bytes(3 * kPiece), kAbsent).error()}) {
    EXPECT_EQ(error.code, ErrorCode::kPermission) << error.message;
    EXPECT_THAT(error.hint, HasSubstr("roles/storage.objectUser"));
  }
  EXPECT_EQ(clock_.slept_ms(), 0) << "trying again would not help";
}

TEST_F(CloudStorageTest, ReadHasALimitAndOpenHasNone) {
  CloudStorageOptions options;
  options.bucket = "attic";
  options.endpoint = server_.url();
  options.timing = clock_.timing();
  options.max_read_bytes = 10;
  const auto store = NewCloudStorageStore(options, *http_, *tokens_);
  ASSERT_TRUE(store->Write("a", "0123456789", kAbsent).ok());
  ASSERT_TRUE(store->Write("b", "0123456789x", kAbsent).ok());
  EXPECT_TRUE(store->Read("a").ok());
  EXPECT_EQ(CodeOf(store->Read("b")), ErrorCode::kTooLarge);
  EXPECT_TRUE(store->Open("b").ok());
}

TEST_F(CloudStorageTest, OneObjectIsWrittenOnceASecond) {
  server_.Admin("/_settings", {{"write_limit", true}});
  Put("processing.json", "1");
  EXPECT_EQ(clock_.slept_ms(), 0);
  Put("status.json", "1");
  EXPECT_EQ(clock_.slept_ms(), 0) << "another object";
  server_.Admin("/_settings", {{"write_limit", false}});  // the server's clock is the real one
  Put("processing.json", "2");
  EXPECT_EQ(clock_.slept_ms(), 1'000);
  clock_.Advance(Seconds(1));
  Put("processing.json", "3");
  EXPECT_EQ(clock_.slept_ms(), 1'000);
}

TEST_F(CloudStorageTest, ABrowserUploadsToTheSessionThatItIsGiven) {
  const std::string bytes = Bytes(kPiece + 5);
  const auto uri = store_->StartResumableUpload({.key = "users/a/original.pdf",
                                                 .content_type = "application/pdf",
                                                 .size_bytes = bytes.size(),
                                                 .origin = "https://ocr.example"});
  ASSERT_TRUE(uri.ok()) << uri.error().message;
  EXPECT_THAT(*uri, HasSubstr(server_.url()));
  HttpCall first{.method = "PUT", .url = *uri, .body = bytes.substr(0, kPiece)};
  first.headers.Set("Content-Range",
                    "bytes 0-" + std::to_string(kPiece - 1) + "/" + std::to_string(bytes.size()));
  EXPECT_EQ(Send(first).status, 308);
  HttpCall rest{.method = "PUT", .url = *uri, .body = bytes.substr(kPiece)};
  rest.headers.Set("Content-Range", "bytes " + std::to_string(kPiece) + "-" +
                                        std::to_string(bytes.size() - 1) + "/" +
                                        std::to_string(bytes.size()));
  EXPECT_EQ(Send(rest).status, 200);
  EXPECT_TRUE(BytesOf("users/a/original.pdf") == bytes);
  EXPECT_EQ(store_->Details("users/a/original.pdf")->content_type, "application/pdf");
  EXPECT_EQ(
      CodeOf(store_->StartResumableUpload(
          {.key = "users/a/original.pdf", .content_type = "application/pdf", .size_bytes = 1})),
      ErrorCode::kPreconditionFailed);
}

TEST_F(CloudStorageTest, CountsWhatEachCallCosts) {
  const auto cost_of = [&](auto&& work) {
    const CloudStorageCounts before = store_->counts();
    work();
    const CloudStorageCounts after = store_->counts();
    return std::vector<uint64_t>{after.class_a - before.class_a, after.class_b - before.class_b,
                                 after.free - before.free};
  };
  EXPECT_THAT(cost_of([&] { Put("a", "x"); }), ElementsAre(1, 0, 0));
  EXPECT_THAT(cost_of([&] { Put("b", Bytes(5 * kPiece)); }), ElementsAre(1, 0, 3));
  EXPECT_THAT(cost_of([&] { (void)store_->Read("a"); }), ElementsAre(0, 1, 0));
  EXPECT_THAT(cost_of([&] { (void)store_->Stat("a"); }), ElementsAre(0, 1, 0));
  EXPECT_THAT(cost_of([&] { (void)store_->Open("b"); }), ElementsAre(0, 1, 0));
  EXPECT_THAT(cost_of([&] { (void)store_->List(""); }), ElementsAre(1, 0, 0));
  EXPECT_THAT(cost_of([&] { (void)store_->Delete("a", kAnyGeneration); }), ElementsAre(0, 1, 1));
  const Json stats = server_.Admin("/_stats");
  EXPECT_EQ(stats["class_a"], store_->counts().class_a);
  EXPECT_EQ(stats["class_b"], store_->counts().class_b);
}

TEST_F(CloudStorageTest, ASessionElsewhereIsNotSentTheDocument) {
  class Elsewhere final : public HttpClient {
   public:
    Result<HttpReply> Send(const HttpCall&) override {
      HttpReply reply{.status = 200};
      reply.headers.Set("Location", location);
      return reply;
    }
    std::string location;
  } elsewhere;
  CloudStorageOptions options;
  options.bucket = "attic";
  options.timing = clock_.timing();
  const auto store = NewCloudStorageStore(options, elsewhere, *tokens_);
  const DirectUpload upload{.key = "a", .content_type = "x", .size_bytes = 1};
  for (const char* bad :
       {"", "/relative", "http://storage.googleapis.com/x", "https://evil.example/x",
        "https://x@evil.example/.googleapis.com", "https://googleapis.com.evil/"}) {
    elsewhere.location = bad;
    EXPECT_FALSE(store->StartResumableUpload(upload).ok()) << bad;
  }
  elsewhere.location = "https://storage.googleapis.com/upload/x";
  EXPECT_TRUE(store->StartResumableUpload(upload).ok());
}

using CloudStorageDeathTest = CloudStorageTest;

TEST_F(CloudStorageDeathTest, AKeyThatIsNoKeyIsABug) {
  for (const char* key : {"", "/a", "a/", "a//b", "../a", "a/..", "a/./b", "a\nb"}) {
    EXPECT_DEATH((void)store_->Read(key), "IsGoodKey") << key;
  }
  EXPECT_DEATH((void)store_->Write(std::string("a\0b", 3), "", kAbsent), "IsGoodKey");
  EXPECT_DEATH((void)store_->DeleteFolder(""), "IsGoodFolder");
  EXPECT_DEATH((void)store_->List("../a"), "IsGoodFolder");
}

}  // namespace
}  // namespace gnosis
