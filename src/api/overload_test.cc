// Load limits: work beyond a limit is refused with the limit's name; running jobs and reads
// continue.
#include "api/overload.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <list>
#include <string>

#include "support/api_fixture.h"

namespace gnosis {
namespace {

using testing::HasSubstr;

class OverloadTest : public ApiTest {
 protected:
  Reply SubmitPages(int pages, const Headers& headers = {}) {
    return Post("/api/v1/jobs", "%PDF-1.7 pages=" + std::to_string(pages), headers);
  }
  static void ExpectRefused(const Reply& reply, int status, const std::string& code,
                            const std::string& setting) {
    EXPECT_EQ(reply.status, status) << reply.body;
    EXPECT_EQ(reply.code(), code);
    EXPECT_THAT(reply.body, HasSubstr(setting));
    EXPECT_NE(reply.header("Retry-After"), "");
  }
};

TEST_F(OverloadTest, BelowTheDiskFloorNewWorkIsRefusedAndTheRestGoesOn) {
  options_.limits.disk_floor_bytes = 1'000'000;
  StartApi();
  const std::string document = "%PDF-1.7 pages=2";
  free_disk_bytes_ = 1'000'000 + document.size();
  const std::string job = Submit(document);
  --free_disk_bytes_;
  ExpectRefused(Post("/api/v1/jobs", document), 507, "disk_full", "DISK_FLOOR");
  free_disk_bytes_ = 10;
  ExpectRefused(Post("/api/v1/jobs", document), 507, "disk_full", "1000000 bytes");
  EXPECT_EQ(Get(Path(job)).status, 200);
  WorkUntilDone();
  EXPECT_EQ(Get(Path(job, "/result")).status, 200);
  ExpectRefused(Post(Path(job, "/retry"), R"({"pages":[1]})"), 507, "disk_full", "DISK_FLOOR");
}

TEST_F(OverloadTest, TheFloorIsWatchedWhileADocumentComesIn) {
  options_.limits.disk_floor_bytes = 1'000'000;
  options_.max_upload_bytes = 100'000'000;
  StartApi();
  HttpRequest request = Request("POST", "/api/v1/jobs");
  request.has_body = true;  // chunked: of unknown length
  auto exchange = api_->Start(request);
  ASSERT_TRUE(exchange->OnBody("%PDF-1.7 pages=1").ok());
  free_disk_bytes_ = 10;
  Status taken = Ok();
  int pieces = 0;
  for (; taken.ok() && pieces < 1000; ++pieces)
    taken = exchange->OnBody(std::string(64 << 10, 'x'));
  EXPECT_LT(pieces, 1000);
  Answer answer = exchange->End(Exchange::Why::kBodyFailed);
  EXPECT_EQ(std::get<HttpResponse>(answer).status, 507);
  exchange.reset();
  EXPECT_TRUE(disk_->ListFolders(UserFolder(UserHash(kLocalUserEmail)))->empty());
}

TEST_F(OverloadTest, BelowTheMemoryFloorNewWorkIsRefused) {
  options_.limits.memory_floor_bytes = 1000;
  StartApi();
  free_memory_bytes_ = 1000;
  EXPECT_EQ(SubmitPages(1).status, 202);
  free_memory_bytes_ = 999;
  ExpectRefused(SubmitPages(1), 503, "unavailable", "MEMORY_FLOOR");
  EXPECT_EQ(Get("/api/v1/jobs").status, 200);
}

TEST_F(OverloadTest, AFullQueueTakesNoNewWork) {
  options_.limits.max_queue_depth = 10;
  StartApi();
  queue_depth_ = 9;
  EXPECT_EQ(SubmitPages(1).status, 202);
  queue_depth_ = 10;
  ExpectRefused(SubmitPages(1), 503, "unavailable", "MAX_QUEUE_DEPTH");
}

TEST_F(OverloadTest, AnOwnerHasOnlySoManyUnfinishedJobs) {
  options_.owner_limits.max_jobs = 2;
  StartApi();
  const Headers key{{"Idempotency-Key", "k"}};
  EXPECT_EQ(SubmitPages(1, key).status, 202);
  const std::string second = Submit("%PDF-1.7 pages=1");
  ExpectRefused(SubmitPages(1), 429, "too_many_requests", "MAX_JOBS_PER_OWNER");
  // Repeating the same request is not new work.
  EXPECT_EQ(SubmitPages(1, key).header("Idempotency-Replayed"), "true");
  EXPECT_EQ(Get(Path(second)).status, 200);
  WorkUntilDone();
  EXPECT_EQ(SubmitPages(1).status, 202);
  EXPECT_EQ(Post(Path(second, "/retry"), R"({"pages":[1]})").status, 202);
  ExpectRefused(SubmitPages(1), 429, "too_many_requests", "MAX_JOBS_PER_OWNER");
}

TEST_F(OverloadTest, AnUploadCountsAsAJobFromItsFirstByte) {
  options_.owner_limits.max_jobs = 1;
  StartApi();
  HttpRequest request = Request("POST", "/api/v1/jobs");
  request.has_body = true;
  auto upload = api_->Start(request);
  ASSERT_TRUE(upload->OnBody("").ok());
  ExpectRefused(SubmitPages(1), 429, "too_many_requests", "MAX_JOBS_PER_OWNER");
  upload->End(Exchange::Why::kBodyFailed);
  upload.reset();
  EXPECT_EQ(SubmitPages(1).status, 202);
}

TEST_F(OverloadTest, AnOwnerHasOnlySoManyPagesWaiting) {
  options_.owner_limits.max_pages = 10;
  StartApi();
  EXPECT_EQ(SubmitPages(6).status, 202);
  ExpectRefused(SubmitPages(5), 429, "too_many_requests", "MAX_QUEUED_PAGES_PER_OWNER");
  EXPECT_EQ(SubmitPages(4).status, 202);
  ExpectRefused(SubmitPages(1), 429, "too_many_requests", "MAX_QUEUED_PAGES_PER_OWNER");
  // Another server over the same folder applies the same limits.
  StartApi();
  ExpectRefused(SubmitPages(1), 429, "too_many_requests", "MAX_QUEUED_PAGES_PER_OWNER");
  EXPECT_EQ(disk_->ListFolders(UserFolder(UserHash(kLocalUserEmail)))->size(), 2u);
  WorkUntilDone();
  EXPECT_EQ(SubmitPages(10).status, 202);
}

TEST_F(OverloadTest, LimitsAreAnOwnersOwn) {
  options_.owner_limits.max_jobs = 1;
  StartApi();
  const std::string ada = AddKey("a", "ada@example.org");
  const std::string bob = AddKey("b", "bob@example.org");
  EXPECT_EQ(SubmitPages(1, {{"X-API-Key", ada}}).status, 202);
  EXPECT_EQ(SubmitPages(1, {{"X-API-Key", ada}}).status, 429);
  EXPECT_EQ(SubmitPages(1, {{"X-API-Key", bob}}).status, 202);
}

TEST_F(OverloadTest, AnOwnerHasOnlySoManyEventStreams) {
  options_.limits.max_event_streams = 2;
  StartApi();
  const std::string job = Submit();
  std::list<Reply> streams;
  for (int i = 0; i < 2; ++i) streams.push_back(Get(Path(job, "/events")));
  EXPECT_EQ(streams.back().status, 200);
  ExpectRefused(Get(Path(job, "/events")), 429, "too_many_requests", "MAX_EVENT_STREAMS_PER_OWNER");
  streams.pop_front();
  EXPECT_EQ(Get(Path(job, "/events")).status, 200);
}

TEST_F(OverloadTest, TheNameOfADocumentHasALimit) {
  options_.limits.max_file_name_bytes = 10;
  StartApi();
  EXPECT_EQ(Post("/api/v1/jobs?file_name=/a/b/123456.pdf", "%PDF-1.7").status, 202);
  const Reply longer = Post("/api/v1/jobs?file_name=1234567.pdf", "%PDF-1.7");
  EXPECT_EQ(longer.status, 413);
  EXPECT_THAT(longer.body, HasSubstr("11 bytes"));
  EXPECT_THAT(longer.body, HasSubstr("the limit is 10"));
  EXPECT_THAT(longer.body, HasSubstr("MAX_FILE_NAME_BYTES"));
  const auto form = [&](const std::string& name) {
    return Post("/api/v1/jobs",
                "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + name +
                    "\"\r\n\r\n%PDF-1.7\r\n--B--\r\n",
                {{"Content-Type", "multipart/form-data; boundary=B"}});
  };
  EXPECT_EQ(form("123456.pdf").status, 202);
  EXPECT_EQ(form("1234567.pdf").status, 413);
}

TEST_F(OverloadTest, AnIdempotencyKeyHasALimit) {
  options_.limits.max_idempotency_key_bytes = 8;
  StartApi();
  EXPECT_EQ(SubmitPages(1, {{"Idempotency-Key", "12345678"}}).status, 202);
  const Reply longer = SubmitPages(1, {{"Idempotency-Key", "123456789"}});
  EXPECT_EQ(longer.status, 400);
  EXPECT_THAT(longer.body, HasSubstr("9 bytes"));
  EXPECT_THAT(longer.body, HasSubstr("1 to 8 visible"));
  EXPECT_THAT(longer.body, HasSubstr("MAX_IDEMPOTENCY_KEY_BYTES"));
}

TEST_F(OverloadTest, LimitsAreTold) {
  options_.owner_limits.max_jobs = 7;
  StartApi();
  const Json limits = Get("/api/v1/limits").json();
  EXPECT_EQ(limits["max_jobs"], 7);
  EXPECT_EQ(limits["max_file_name_bytes"], 255);
  EXPECT_EQ(limits["max_requests_per_second"], 1000);
}

}  // namespace
}  // namespace gnosis
