#include "google/cloud_tasks_queue.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/json.h"
#include "google/encoding.h"
#include "google/google_api.h"

namespace gnosis {
namespace {

constexpr Seconds kMinDeadline{15}, kMaxDeadline{30 * 60};
constexpr auto kLatestSchedule = std::chrono::hours(30 * 24 - 1);  // 30 days less a margin

std::string WithoutSlash(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  return url;
}

class CloudQueue final : public TaskQueue {
 public:
  CloudQueue(CloudTasksOptions options, HttpClient& http, TokenSource& tokens)
      : options_(std::move(options)),
        audience_(options_.worker_url),
        worker_url_(WithoutSlash(options_.worker_url)),
        queue_(fmt::format("projects/{}/locations/{}/queues/{}", options_.project,
                           options_.location, options_.queue)),
        api_(http, tokens, options_.retry, options_.timing) {}

  Status Enqueue(const Task& task, std::optional<Time> not_before) override {
    ApiCall call;
    call.http.method = "POST";
    call.http.url = WithoutSlash(options_.endpoint) + "/v2/" + queue_ + "/tasks";
    call.http.headers.Set("Content-Type", "application/json");
    // The name is the same in each attempt: a second one gets 409.
    call.http.body = DumpJson(Json{{"task", ToJson(task, not_before)}});
    call.http.total_timeout = Seconds(30);
    call.http.stop = options_.stop;
    ASSIGN_OR_RETURN(const ApiReply reply, api_.Call(std::move(call)));
    if (reply.ok() || reply.http.status == 409) return Ok();
    return ToError(reply.http);
  }

 private:
  Json ToJson(const Task& task, std::optional<Time> not_before) const {
    Json request{{"url", worker_url_ + std::string(kWorkerPath)},
                 {"httpMethod", "POST"},
                 {"headers", {{"Content-Type", "application/json"}}},
                 {"body", Base64(EncodeTask(task))}};
    if (!options_.service_account.empty()) {
      request["oidcToken"] = {{"serviceAccountEmail", options_.service_account},
                              {"audience", audience_}};
    }
    const auto deadline = std::clamp(options_.dispatch_deadline, kMinDeadline, kMaxDeadline);
    Json json{{"name", queue_ + "/tasks/" + TaskName(task)},
              {"httpRequest", std::move(request)},
              {"dispatchDeadline", fmt::format("{}s", deadline.count())}};
    const Time now = options_.timing.Now();
    if (not_before && *not_before > now) {
      json["scheduleTime"] = FormatTime(std::min<Time>(*not_before, now + kLatestSchedule));
    }
    return json;
  }

  Error ToError(const HttpReply& reply) const {
    const std::string message = "Cloud Tasks: " + MessageOf(reply);
    switch (reply.status) {
      case 401:
        return {ErrorCode::kPermission, message,
                "the credentials are not accepted: run `gcloud auth application-default login`, or "
                "check GOOGLE_APPLICATION_CREDENTIALS and the clock"};
      case 403:
        return {ErrorCode::kPermission, message,
                "the caller needs roles/cloudtasks.enqueuer on queue " + options_.queue +
                    " and roles/iam.serviceAccountUser on " + options_.service_account};
      case 404:
        return NotFound(message);
      default:
        return {ErrorCode::kInvalidArgument, fmt::format("{} (HTTP {})", message, reply.status),
                "check WORKER_URL, CLOUD_TASKS_QUEUE, CLOUD_TASKS_LOCATION, GOOGLE_CLOUD_PROJECT"};
    }
  }

  // Cloud Tasks also returns 404 for a service account that does not exist.
  Error NotFound(const std::string& message) const {
    if (message.find("ueue") != std::string::npos || options_.service_account.empty()) {
      return {
          ErrorCode::kNotFound, message,
          fmt::format("create the queue: gcloud tasks queues create {} --location={}; if it was "
                      "created just now, wait a minute",
                      options_.queue, options_.location)};
    }
    return {ErrorCode::kInvalidArgument, message,
            "there may be no service account " + options_.service_account +
                ": create it, or correct GCP_SERVICE_ACCOUNT"};
  }

  const CloudTasksOptions options_;
  const std::string audience_, worker_url_, queue_;
  GoogleApi api_;
};

}  // namespace

std::unique_ptr<TaskQueue> NewCloudTasksQueue(CloudTasksOptions options, HttpClient& http,
                                              TokenSource& tokens) {
  return std::make_unique<CloudQueue>(std::move(options), http, tokens);
}

}  // namespace gnosis
