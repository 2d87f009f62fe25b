#include "google/cloud_tasks_queue.h"

#include <gmock/gmock.h>

#include "google/encoding.h"
#include "support/google_fixture.h"

namespace gnosis {
namespace {

using testing::HasSubstr;

constexpr char kEmail[] = "ann@example.com";
constexpr char kSession[] = "01234567-89ab-4cde-8f01-23456789abcd";
constexpr char kAccount[] = "ocr@demo.iam.gserviceaccount.com";
constexpr char kQueue[] = "projects/demo/locations/us-central1/queues/ocr-processing";

Task SampleTask() {
  return {.session = {UserHash(kEmail), kSession},
          .user_email = kEmail,
          .epoch = 2,
          .chain = 1,
          .sequence = 7};
}

// Remembers what was sent and answers as it is told.
class ScriptedClient final : public HttpClient {
 public:
  Result<HttpReply> Send(const HttpCall& call) override {
    calls.push_back(call);
    return reply;
  }
  std::vector<HttpCall> calls;
  HttpReply reply{.status = 200, .body = "{}"};
};

class CloudTasksQueueTest : public testing::Test {
 protected:
  CloudTasksOptions Options() {
    CloudTasksOptions options;
    options.project = "demo";
    options.worker_url = "https://worker.example/";
    options.service_account = kAccount;
    options.timing = clock_.timing();
    return options;
  }
  Error Refusal(int status, const std::string& message) {
    client_.reply = {.status = status,
                     .body = DumpJson(Json{{"error", {{"code", status}, {"message", message}}}})};
    const Status created =
        NewCloudTasksQueue(Options(), client_, *tokens_)->Enqueue(SampleTask(), {});
    return created.ok() ? Error{ErrorCode::kInternal, "was taken", ""} : created.error();
  }

  SleepingClock clock_;
  ScriptedClient client_;
  const std::unique_ptr<TokenSource> tokens_ = NewNoTokens();
};

TEST_F(CloudTasksQueueTest, SaysWhereWhenAndAsWhomTheWorkerIsCalled) {
  const auto queue = NewCloudTasksQueue(Options(), client_, *tokens_);
  ASSERT_TRUE(queue->Enqueue(SampleTask(), clock_.Now() + Seconds(90)).ok());
  ASSERT_EQ(client_.calls.size(), 1u);
  EXPECT_EQ(client_.calls[0].method + " " + client_.calls[0].url,
            "POST https://cloudtasks.googleapis.com/v2/" + std::string(kQueue) + "/tasks");
  const Json task = (*ParseJson(client_.calls[0].body))["task"];
  EXPECT_EQ(task["name"], std::string(kQueue) + "/tasks/" + TaskName(SampleTask()));
  EXPECT_EQ(task["dispatchDeadline"], "600s");
  EXPECT_EQ(task["scheduleTime"], FormatTime(clock_.Now() + Seconds(90)));
  const Json& request = task["httpRequest"];
  EXPECT_EQ(request["url"], "https://worker.example/process-ocr-batch");
  EXPECT_EQ(request["httpMethod"], "POST");
  EXPECT_EQ(request["headers"]["Content-Type"], "application/json");
  EXPECT_EQ(request["oidcToken"]["serviceAccountEmail"], kAccount);
  EXPECT_EQ(request["oidcToken"]["audience"], "https://worker.example/");
  const auto body = DecodeTask(*FromBase64(request["body"].get<std::string>()));
  ASSERT_TRUE(body.ok());
  EXPECT_EQ(TaskName(*body), TaskName(SampleTask()));
}

TEST_F(CloudTasksQueueTest, WhatIsDueNowHasNoScheduleAndWhatIsFarOffStaysWithinThirtyDays) {
  const auto queue = NewCloudTasksQueue(Options(), client_, *tokens_);
  ASSERT_TRUE(queue->Enqueue(SampleTask(), clock_.Now()).ok());
  EXPECT_FALSE((*ParseJson(client_.calls[0].body))["task"].contains("scheduleTime"));
  ASSERT_TRUE(queue->Enqueue(SampleTask(), clock_.Now() + std::chrono::hours(9000)).ok());
  const auto time = JsonTime((*ParseJson(client_.calls[1].body))["task"], "scheduleTime");
  EXPECT_LT(*time, clock_.Now() + std::chrono::hours(30 * 24));
}

TEST_F(CloudTasksQueueTest, AnErrorSaysWhatToDo) {
  EXPECT_EQ(Refusal(409, "Requested entity already exists").message, "was taken");
  const Error no_queue = Refusal(404, "Queue does not exist. If you just created the queue, wait");
  EXPECT_EQ(no_queue.code, ErrorCode::kNotFound);
  EXPECT_THAT(no_queue.hint, HasSubstr("gcloud tasks queues create ocr-processing"));
  const Error no_account = Refusal(404, "Requested entity was not found.");
  EXPECT_EQ(no_account.code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(no_account.hint, HasSubstr(kAccount));
  const Error forbidden = Refusal(403, "The principal lacks permission");
  EXPECT_EQ(forbidden.code, ErrorCode::kPermission);
  EXPECT_THAT(forbidden.hint, HasSubstr("roles/cloudtasks.enqueuer"));
  EXPECT_EQ(Refusal(400, "bad url").code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(Refusal(503, "later").code, ErrorCode::kUnavailable);
}

class CloudTasksFakeTest : public CloudTasksQueueTest {
 protected:
  Status Enqueue(const std::string& queue = "ocr-processing",
                 const std::string& account = kAccount) {
    CloudTasksOptions options = Options();
    options.queue = queue;
    options.service_account = account;
    options.endpoint = server_.url();
    options.worker_url = "http://127.0.0.1:1";
    return NewCloudTasksQueue(options, *http_, *tokens_)->Enqueue(SampleTask(), {});
  }

  FakeServer server_{"tasks_server.py", {"--queue", kQueue, "--account", kAccount}};
  const std::unique_ptr<HttpClient> http_ = NewHttpClient({});
};

TEST_F(CloudTasksFakeTest, EnqueuingTwiceIsEnqueuingOnce) {
  EXPECT_TRUE(Enqueue().ok());
  EXPECT_TRUE(Enqueue().ok());
  const Json stats = server_.Admin("/_stats");
  EXPECT_EQ(stats["created"], 1);
  EXPECT_EQ(stats["conflicts"], 1);
}

TEST_F(CloudTasksFakeTest, EveryBrokenCallIsRepeatedAndMakesOneTask) {
  for (const char* kind : {"reset_before", "reset_after", "status"}) {
    FakeServer server("tasks_server.py", {"--queue", kQueue});
    server.Break({{"op", "create_task"}, {"kind", kind}, {"status", 503}, {"times", 2}});
    CloudTasksOptions options = Options();
    options.endpoint = server.url();
    options.worker_url = "http://127.0.0.1:1";
    const Status created = NewCloudTasksQueue(options, *http_, *tokens_)->Enqueue(SampleTask(), {});
    EXPECT_TRUE(created.ok()) << kind << ": " << created.error().message;
    EXPECT_EQ(server.TimesBroken(), 2) << kind;
    EXPECT_EQ(server.Admin("/_stats")["created"], 1) << kind;
  }
}

TEST_F(CloudTasksFakeTest, AMissingQueueAndAMissingAccountAreToldApart) {
  EXPECT_EQ(Enqueue("other").code(), ErrorCode::kNotFound);
  EXPECT_EQ(Enqueue("ocr-processing", "gone@demo.iam.gserviceaccount.com").code(),
            ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace gnosis
