// Resumable uploads as used by tus clients, and jobs created from them.
#include "api/uploads.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "session/metadata.h"
#include "support/api_fixture.h"

namespace gnosis {
namespace {

using testing::HasSubstr;

constexpr const char* kUploads = "/api/v1/uploads";
const std::string kDocument = "%PDF-1.7 pages=2";

class UploadsTest : public ApiTest {
 protected:
  static Headers Tus(Headers more = {}) {
    more.emplace("Tus-Resumable", "1.0.0");
    return more;
  }
  static Headers Part(uint64_t offset, Headers more = {}) {
    more["Upload-Offset"] = std::to_string(offset);
    more.emplace("Content-Type", "application/offset+octet-stream");
    return Tus(std::move(more));
  }
  Reply Create(uint64_t length, const Headers& more = {}) {
    Headers headers = Tus(more);
    headers.emplace("Upload-Length", std::to_string(length));
    return Send("POST", kUploads, headers);
  }
  std::string Location(uint64_t length = kDocument.size()) {
    const Reply reply = Create(length, {{"Upload-Metadata", "filename c2Nhbi5wZGY="}});
    EXPECT_EQ(reply.status, 201) << reply.body;
    return reply.header("Location");
  }
  Reply Patch(const std::string& location, uint64_t offset, std::string_view bytes,
              const Headers& more = {}) {
    return Send("PATCH", location, Part(offset, more), bytes);
  }
  std::string Complete(const std::string& document = kDocument) {
    const std::string location = Location(document.size());
    EXPECT_EQ(Patch(location, 0, document).status, 204);
    return location;
  }
  static std::string IdOf(const std::string& location) {
    return location.substr(location.rfind('/') + 1);
  }
  Reply SubmitJson(Json body, const Headers& more = {}) {
    Headers headers = more;
    headers["Content-Type"] = "application/json";
    return Post("/api/v1/jobs", DumpJson(body), headers);
  }
  std::string Offset(const std::string& location) {
    return Send("HEAD", location, Tus()).header("Upload-Offset");
  }
};

TEST_F(UploadsTest, OptionsTellsWhatThisServerCan) {
  const Reply reply = Send("OPTIONS", kUploads);
  EXPECT_EQ(reply.status, 204);
  EXPECT_EQ(reply.header("Tus-Resumable"), "1.0.0");
  EXPECT_EQ(reply.header("Tus-Version"), "1.0.0");
  EXPECT_EQ(reply.header("Tus-Extension"),
            "creation,creation-with-upload,termination,expiration,checksum");
  EXPECT_EQ(reply.header("Tus-Max-Size"), "5000");
  EXPECT_EQ(reply.header("Tus-Checksum-Algorithm"), "sha1,sha256");
  EXPECT_EQ(Send("OPTIONS", "/api/v1/jobs").header("Tus-Version"), "");
}

TEST_F(UploadsTest, ADocumentComesInPieces) {
  const Reply created = Create(kDocument.size(), {{"Upload-Metadata", "filename c2Nhbi5wZGY="}});
  EXPECT_EQ(created.status, 201);
  EXPECT_EQ(created.header("Upload-Offset"), "0");
  EXPECT_EQ(created.header("Upload-Expires"), "Sat, 03 Jan 2026 03:04:05 GMT");
  const std::string location = created.header("Location");
  EXPECT_THAT(location, testing::StartsWith("/api/v1/uploads/"));

  const Reply first = Patch(location, 0, kDocument.substr(0, 5));
  EXPECT_EQ(first.status, 204);
  EXPECT_EQ(first.header("Upload-Offset"), "5");
  EXPECT_EQ(first.header("Tus-Resumable"), "1.0.0");
  EXPECT_EQ(first.header("Upload-Expires"), "Sat, 03 Jan 2026 03:04:05 GMT");

  const Reply head = Send("HEAD", location, Tus());
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.header("Upload-Offset"), "5");
  EXPECT_EQ(head.header("Upload-Length"), std::to_string(kDocument.size()));
  EXPECT_EQ(head.header("Upload-Metadata"), "filename c2Nhbi5wZGY=");
  EXPECT_EQ(head.header("Cache-Control"), "no-store");

  EXPECT_EQ(Patch(location, 5, kDocument.substr(5)).status, 204);
  const Json shown = Get(location).json();
  EXPECT_EQ(shown["offset_bytes"], kDocument.size());
  EXPECT_EQ(shown["file_name"], "scan.pdf");
}

TEST_F(UploadsTest, ACreationMayBringTheFirstBytes) {
  Headers headers = Part(0);
  headers.erase("Upload-Offset");
  headers["Upload-Length"] = "10";
  const Reply reply = Send("POST", kUploads, headers, "01234");
  EXPECT_EQ(reply.status, 201);
  EXPECT_EQ(reply.header("Upload-Offset"), "5");
  EXPECT_EQ(Offset(reply.header("Location")), "5");
  headers["Content-Type"] = "application/pdf";
  EXPECT_EQ(Send("POST", kUploads, headers, "01234").status, 415);
}

TEST_F(UploadsTest, WhatIsNotTusIsRefused) {
  const std::string location = Location();
  for (const char* method : {"PATCH", "HEAD", "DELETE"}) {
    const Reply reply = Send(method, location, {{"Tus-Resumable", "0.2.2"}});
    EXPECT_EQ(reply.status, 412) << method;
    EXPECT_EQ(reply.header("Tus-Version"), "1.0.0");
  }
  EXPECT_EQ(Post(kUploads, "", {{"Upload-Length", "3"}}).status, 412);
  EXPECT_EQ(Send("PATCH", location, Tus({{"Upload-Offset", "0"}}), "x").status, 415);
  EXPECT_EQ(Patch(location, 0, "x", {{"Upload-Checksum", "md5 eHg="}}).status, 400);
  Headers no_offset = Part(0);
  no_offset["Upload-Offset"] = "-1";
  EXPECT_EQ(Send("PATCH", location, no_offset, "x").status, 400);
  EXPECT_EQ(Create(3, {{"Upload-Length", "x"}}).status, 400);
  EXPECT_EQ(Create(3, {{"Upload-Defer-Length", "1"}}).status, 400);
  EXPECT_EQ(Create(3, {{"Upload-Concat", "partial"}}).status, 400);
  EXPECT_EQ(Create(3, {{"Upload-Metadata", "filename x"}}).status, 400);
  EXPECT_EQ(Offset(location), "0");
}

TEST_F(UploadsTest, TheWrongOffsetAndTooMuchAreRefused) {
  const std::string location = Location(4);
  EXPECT_EQ(Patch(location, 1, "1").code(), "wrong_offset");
  EXPECT_EQ(Patch(location, 0, "01234").status, 413);
  EXPECT_EQ(Patch(location, 0, "0123").status, 204);
  EXPECT_EQ(Patch(location, 0, "0123").status, 409);
  EXPECT_EQ(Patch(location, 4, "").status, 204);
  EXPECT_EQ(Create(5001).status, 413);
  EXPECT_EQ(Create(5000).status, 201);
}

TEST_F(UploadsTest, WithoutALengthOfTheBodyTooMuchIsNoticedOnTheWay) {
  const std::string location = Location(4);
  HttpRequest request = Request("PATCH", location, Part(0));
  request.has_body = true;
  auto exchange = api_->Start(std::move(request));
  ASSERT_TRUE(exchange->OnBody("").ok());
  ASSERT_TRUE(exchange->OnBody("012").ok());
  ASSERT_FALSE(exchange->OnBody("34").ok());
  const Answer answer = exchange->End(Exchange::Why::kBodyFailed);
  EXPECT_EQ(std::get<HttpResponse>(answer).status, 413);
  EXPECT_EQ(Offset(location), "3");
}

TEST_F(UploadsTest, ACutBodyKeepsWhatArrivedUnlessItHadAChecksum) {
  const std::string location = Location(10);
  const auto cut = [&](uint64_t offset, const Headers& more) {
    HttpRequest request = Request("PATCH", location, Part(offset, more));
    request.has_body = true;
    request.content_length = 5;
    auto exchange = api_->Start(std::move(request));
    ASSERT_TRUE(exchange->OnBody("").ok());
    ASSERT_TRUE(exchange->OnBody("012").ok());
    (void)exchange->End(Exchange::Why::kBodyFailed);
  };
  cut(0, {});
  EXPECT_EQ(Offset(location), "3");
  cut(3, {{"Upload-Checksum", "sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0="}});
  EXPECT_EQ(Offset(location), "3");
}

TEST_F(UploadsTest, TheChecksumOfAPieceIsHeld) {
  const std::string location = Location(11);
  // "hello world"
  const Headers sha1{{"Upload-Checksum", "sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0="}};
  const Reply wrong = Patch(location, 0, "hello w0rld", sha1);
  EXPECT_EQ(wrong.status, 460);
  EXPECT_EQ(wrong.code(), "checksum_mismatch");
  EXPECT_EQ(Offset(location), "0");
  EXPECT_EQ(Patch(location, 0, "hello world", sha1).status, 204);
  const std::string other = Location(11);
  const Headers sha256{{"Upload-Checksum", "sha256 uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek="}};
  EXPECT_EQ(Patch(other, 0, "hello world", sha256).status, 204);
}

TEST_F(UploadsTest, OneRequestAtATimeAddsToAnUpload) {
  const std::string location = Location(10);
  HttpRequest request = Request("PATCH", location, Part(0));
  request.has_body = true;
  auto first = api_->Start(std::move(request));
  ASSERT_TRUE(first->OnBody("01").ok());
  const Reply second = Patch(location, 2, "x");
  EXPECT_EQ(second.status, 423);
  EXPECT_EQ(second.code(), "upload_locked");
  EXPECT_EQ(second.header("Retry-After"), "1");
  EXPECT_EQ(std::get<HttpResponse>(first->End(Exchange::Why::kBodyDone)).status, 204);
  EXPECT_EQ(Patch(location, 2, "2").status, 204);
}

TEST_F(UploadsTest, EndByDeletingAndByTime) {
  const std::string deleted = Location();
  EXPECT_EQ(Send("DELETE", deleted, Tus()).status, 204);
  for (const char* method : {"HEAD", "DELETE"}) {
    EXPECT_EQ(Send(method, deleted, Tus()).status, 404) << method;
  }
  EXPECT_EQ(Patch(deleted, 0, "x").status, 404);
  const std::string expired = Location();
  clock_.now += options_.uploads.ttl;
  EXPECT_EQ(Send("HEAD", expired, Tus()).status, 410);
  EXPECT_EQ(Patch(expired, 0, "x").status, 410);
}

TEST_F(UploadsTest, AClientWithoutPatchSaysItInAHeader) {
  const std::string location = Location(4);
  Headers headers = Part(0);
  headers["X-HTTP-Method-Override"] = "PATCH";
  EXPECT_EQ(Send("POST", location, headers, "01").status, 204);
  EXPECT_EQ(Offset(location), "2");
  EXPECT_EQ(Send("POST", location, Tus({{"X-HTTP-Method-Override", "DELETE"}})).status, 204);
  const std::string job = Submit();
  EXPECT_EQ(Send("POST", Path(job), {{"X-HTTP-Method-Override", "DELETE"}}).status, 405);
}

TEST_F(UploadsTest, WithoutRoomNothingIsTaken) {
  options_.limits.disk_floor_bytes = 100;
  StartApi();
  const std::string location = Location(10);
  free_disk_bytes_ = 105;
  EXPECT_EQ(Create(10).status, 507);
  EXPECT_EQ(Patch(location, 0, "0123456789").status, 507);
  EXPECT_EQ(Patch(location, 0, "01234").status, 204);
}

TEST_F(UploadsTest, AnOwnerHasSoManyUnfinishedOnes) {
  options_.uploads.max_per_owner = 1;
  StartApi();
  const std::string first = Location();
  EXPECT_EQ(Create(10).status, 429);
  EXPECT_EQ(Send("DELETE", first, Tus()).status, 204);
  EXPECT_EQ(Create(10).status, 201);
}

TEST_F(UploadsTest, OwnersNeverMeet) {
  const std::string ada = AddKey("ada", "ada@example.org");
  const std::string bob = AddKey("bob", "bob@example.org");
  const Reply created = Create(10, {{"X-API-Key", ada}});
  ASSERT_EQ(created.status, 201);
  const std::string location = created.header("Location");
  EXPECT_EQ(Send("HEAD", location, Tus({{"X-API-Key", bob}})).status, 404);
  EXPECT_EQ(Patch(location, 0, "x", {{"X-API-Key", bob}}).status, 404);
  EXPECT_EQ(Send("DELETE", location, Tus({{"X-API-Key", bob}})).status, 404);
  EXPECT_EQ(SubmitJson({{"upload_id", IdOf(location)}}, {{"X-API-Key", bob}}).status, 404);
  EXPECT_EQ(Send("HEAD", location, Tus({{"X-API-Key", ada}})).status, 200);
  EXPECT_EQ(Send("HEAD", location, Tus()).status, 401);
}

TEST_F(UploadsTest, ACompleteUploadBecomesAJob) {
  const std::string location = Complete();
  const Reply reply = SubmitJson({{"upload_id", IdOf(location)},
                                  {"lang", Json::array({"deu", "eng"})},
                                  {"formats", "txt"},
                                  {"dpi", 150},
                                  {"pages", "1-2"},
                                  {"password", nullptr}});
  ASSERT_EQ(reply.status, 202) << reply.body;
  const std::string job = *JsonString(reply.json(), "job_id");
  EXPECT_EQ(reply.json()["file_name"], "scan.pdf");
  const auto metadata = book_->ReadMetadata(Session(job));
  ASSERT_TRUE(metadata.ok());
  EXPECT_EQ((*metadata)->options.reading.languages, (std::vector<std::string>{"deu", "eng"}));
  EXPECT_EQ((*metadata)->options.reading.dpi, 150);
  EXPECT_EQ(Send("HEAD", location, Tus()).status, 410);
  EXPECT_EQ(Patch(location, 0, "x").status, 410);
  WorkUntilDone();
  EXPECT_EQ(Get(Path(job)).json()["status"], "completed");
}

TEST_F(UploadsTest, TheSameUploadIsTheSameJobHoweverOftenItIsPosted) {
  const std::string id = IdOf(Complete());
  const Reply first = SubmitJson({{"upload_id", id}});
  const Reply again = SubmitJson({{"upload_id", id}});
  EXPECT_EQ(first.json()["job_id"], again.json()["job_id"]);
  EXPECT_EQ(again.status, 202);
  EXPECT_EQ(again.header("Idempotency-Replayed"), "true");
  EXPECT_EQ(queue_.tasks.size(), 1u);
  // Also with the caller's own key.
  const std::string other = IdOf(Complete());
  const Headers key{{"Idempotency-Key", "mine"}};
  EXPECT_EQ(SubmitJson({{"upload_id", other}}, key).json()["job_id"],
            SubmitJson({{"upload_id", other}}, key).json()["job_id"]);
}

TEST_F(UploadsTest, AJobWhoseUploadCouldNotBeRemovedIsNotMadeTwice) {
  const std::string id = IdOf(Complete());
  const auto upload = uploads_->Find(std::string(kLocalUserEmail), id);
  const Reply first = SubmitJson({{"upload_id", id}});
  // As if the server died between creating the job and deleting the upload: both exist.
  ASSERT_TRUE(
      disk_->Write(UploadRecordKey(upload->key), EncodePartialUpload(*upload), kAnyGeneration)
          .ok());
  ASSERT_TRUE(disk_->Write(UploadDataKey(upload->key), kDocument, kAnyGeneration).ok());
  const Reply again = SubmitJson({{"upload_id", id}});
  EXPECT_EQ(first.json()["job_id"], again.json()["job_id"]);
  EXPECT_EQ(Get("/api/v1/jobs").json()["jobs"].size(), 1u);
  EXPECT_FALSE(disk_->Stat(UploadDataKey(upload->key)).ok());
}

TEST_F(UploadsTest, WhatIsMissingIsSaid) {
  const std::string location = Location(10);
  Patch(location, 0, "0123");
  const Reply reply = SubmitJson({{"upload_id", IdOf(location)}});
  EXPECT_EQ(reply.status, 409);
  EXPECT_THAT(reply.body, HasSubstr("6 of the upload's 10 bytes are missing"));
  EXPECT_EQ(Offset(location), "4");
}

TEST_F(UploadsTest, ARefusedDocumentStaysUntilItIsAskedForRightly) {
  const std::string location = Complete("%PDF-1.7 encrypted");
  const std::string id = IdOf(location);
  EXPECT_EQ(SubmitJson({{"upload_id", id}}).code(), "password_required");
  EXPECT_EQ(SubmitJson({{"upload_id", id}, {"lang", "fra"}}).code(), "missing_language");
  EXPECT_EQ(Send("HEAD", location, Tus()).status, 200);
  EXPECT_EQ(SubmitJson({{"upload_id", id}, {"password", "open sesame"}}).status, 202);
  const std::string text = Complete("just text, no document");
  EXPECT_EQ(SubmitJson({{"upload_id", IdOf(text)}}).status, 415);
}

TEST_F(UploadsTest, ABodyThatNamesNoUploadIsRefused) {
  const std::string id = IdOf(Complete());
  EXPECT_EQ(SubmitJson(Json::array()).status, 400);
  EXPECT_EQ(SubmitJson({{"lang", "eng"}}).status, 400);
  EXPECT_EQ(SubmitJson({{"upload_id", 7}}).status, 400);
  EXPECT_EQ(SubmitJson({{"upload_id", id}, {"colour", "red"}}).status, 400);
  EXPECT_EQ(SubmitJson({{"upload_id", id}, {"dpi", true}}).status, 400);
  EXPECT_EQ(SubmitJson({{"upload_id", id}, {"formats", Json::array({1})}}).status, 400);
  EXPECT_EQ(SubmitJson({{"upload_id", "../../users"}}).status, 404);
  EXPECT_EQ(SubmitJson({{"upload_id", "00000000-0000-4000-8000-000000000000"}}).status, 404);
  EXPECT_EQ(SubmitJson({{"upload_id", std::string(70'000, 'x')}}).status, 413);
  EXPECT_TRUE(queue_.tasks.empty());
}

TEST_F(UploadsTest, OfNoBytesNoJobCanBeMade) {
  const std::string location = Location(0);
  EXPECT_EQ(Offset(location), "0");
  EXPECT_EQ(SubmitJson({{"upload_id", IdOf(location)}}).status, 415);
}

TEST_F(UploadsTest, AJobOfAnUploadCanBeWaitedFor) {
  const std::string id = IdOf(Complete());
  HttpRequest request = Request("POST", "/api/v1/jobs",
                                {{"Content-Type", "application/json"}, {"Prefer", "wait=30"}});
  Pending pending = Begin(std::move(request), DumpJson({{"upload_id", id}}));
  ASSERT_TRUE(pending.waiting());
  WorkUntilDone();
  pending.GoOn(Exchange::Why::kWoken);
  EXPECT_EQ(pending.reply().status, 200);
}

}  // namespace
}  // namespace gnosis
