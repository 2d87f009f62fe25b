#include "api/worker_api.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "support/task_fixture.h"

namespace gnosis {
namespace {

class WorkerApiTest : public testing::Test {
 protected:
  WorkerApiTest() {
    WorkerWorld worker{world_.Actions(), *world_.processor, {}, [this](const std::string& token) {
                         ++gate_calls_;
                         using Say = TokenVerdict::Say;
                         if (token == "good") return TokenVerdict{Say::kWelcome, ""};
                         if (token == "other") return TokenVerdict{Say::kForbidden, "audience"};
                         return TokenVerdict{Say::kUnauthorized, "signature"};
                       }};
    auto reader = std::make_unique<ToldReader>();
    reader_ = reader.get();
    worker.readers.push_back(std::move(reader));
    api_ = NewWorkerApi(std::move(worker));
  }

  HttpResponse Send(const std::string& method, const std::string& path, const std::string& body,
                    const std::string& token = "good") {
    HttpRequest request;
    request.method = method;
    request.path = path;
    if (!token.empty()) request.headers.Set("Authorization", "Bearer " + token);
    const auto exchange = api_->Start(std::move(request));
    const bool read = body.empty() || exchange->OnBody(body).ok();
    return std::get<HttpResponse>(
        exchange->End(read ? Exchange::Why::kBodyDone : Exchange::Why::kBodyFailed));
  }
  static Json JsonOf(const HttpResponse& response) {
    return *ParseJson(std::get<std::string>(response.body));
  }
  std::string Body() const { return EncodeTask(world_.FirstTask()); }

  TaskWorld world_;
  ToldReader* reader_ = nullptr;
  std::unique_ptr<WorkerApi> api_;
  int gate_calls_ = 0;
};

TEST_F(WorkerApiTest, ReadsABatchAndSaysHowManyPages) {
  const HttpResponse response = Send("POST", "/process-ocr-batch", Body());
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(JsonOf(response), Json({{"status", "batch_processed"}, {"pages_processed", 3}}));
  EXPECT_EQ(world_.Record().state, SessionState::kCompleted);
}

TEST_F(WorkerApiTest, ADuplicateFindsNothingToDo) {
  ASSERT_EQ(Send("POST", "/process-ocr-batch", Body()).status, 200);
  const HttpResponse again = Send("POST", "/process-ocr-batch", Body());
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(JsonOf(again), Json({{"status", "no_pending_pages"}}));
}

TEST_F(WorkerApiTest, OnlyTheQueueMayCall) {
  const struct {
    const char* token;
    int status;
  } kCases[] = {{"", 401}, {"forged", 401}, {"other", 403}};
  for (const auto& call : kCases) {
    for (const char* path : {"/process-ocr-batch", "/internal/recover"}) {
      EXPECT_EQ(Send("POST", path, Body(), call.token).status, call.status) << call.token << path;
    }
    EXPECT_EQ(Send("GET", "/metrics", "", call.token).status, call.status);
  }
  EXPECT_TRUE(reader_->read.empty());
  EXPECT_EQ(world_.Record().state, SessionState::kQueued);
}

TEST_F(WorkerApiTest, AliveAndReadyAreOpen) {
  EXPECT_EQ(Send("GET", "/livez", "", "").status, 200);
  EXPECT_EQ(Send("GET", "/readyz", "", "").status, 200);
  EXPECT_EQ(gate_calls_, 0);
  EXPECT_EQ(Send("GET", "/process-ocr-batch", "").status, 405);
  EXPECT_EQ(Send("GET", "/api/v1/jobs", "").status, 404);
}

TEST_F(WorkerApiTest, WhatIsNoTaskIsRefused) {
  EXPECT_EQ(Send("POST", "/process-ocr-batch", "{}").status, 400);
  EXPECT_EQ(Send("POST", "/process-ocr-batch", std::string(10'000, 'x')).status, 400);
}

TEST_F(WorkerApiTest, ABatchWhoseSuccessorCannotBeQueuedComesAgain) {
  world_.queue.broken = true;
  reader_->errors[2] = {ErrorCode::kChildDied, "died", ""};
  EXPECT_EQ(Send("POST", "/process-ocr-batch", Body()).status, 500);
}

TEST_F(WorkerApiTest, AfterStopNothingIsBegun) {
  api_->Stop(Milliseconds(0));
  EXPECT_EQ(Send("POST", "/process-ocr-batch", Body()).status, 500);
  EXPECT_EQ(Send("GET", "/readyz", "").status, 503);
  EXPECT_TRUE(reader_->read.empty());
}

TEST_F(WorkerApiTest, RecoversWhatNobodyHasTouchedForAWhileAndSparesTheRest) {
  EXPECT_EQ(JsonOf(Send("POST", "/internal/recover", "")).at("enqueued"), 0);
  world_.clock.now += Seconds(301);
  EXPECT_EQ(JsonOf(Send("POST", "/internal/recover", "")).at("enqueued"), 1);
  ASSERT_EQ(world_.queue.tasks.size(), 1u);
  EXPECT_EQ(world_.queue.tasks.front().task.epoch, 1);
  // Its task may still be queued: the next recovery waits twice as long.
  world_.clock.now += Seconds(301);
  EXPECT_EQ(JsonOf(Send("POST", "/internal/recover", "")).at("enqueued"), 0);
  world_.clock.now += Seconds(301);
  EXPECT_EQ(JsonOf(Send("POST", "/internal/recover", "")).at("enqueued"), 1);
}

}  // namespace
}  // namespace gnosis
