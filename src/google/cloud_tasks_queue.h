// Tasks in a queue of Cloud Tasks (REST v2), each an HTTP request to the worker.
//
// The life of a task: created under its own name (a second time gets 409, which is also ok; a name
// stays taken for up to a day after the task is gone) -> sent to WORKER_URL/process-ocr-batch with
// an OIDC token of the service account -> 2xx: done; anything else, or no response within the
// dispatch deadline: sent again, according to the queue's settings.
#pragma once

#include <memory>
#include <stop_token>
#include <string>

#include "google/token_source.h"
#include "net/http_client.h"
#include "net/retry.h"
#include "task/task_queue.h"

namespace gnosis {

inline constexpr std::string_view kWorkerPath = "/process-ocr-batch";

struct CloudTasksOptions {
  std::string project;
  std::string location = "us-central1";
  std::string queue = "ocr-processing";
  std::string worker_url;          // WORKER_URL; also the audience of the token
  std::string service_account;     // its e-mail; "" sends no token (only to an emulator's worker)
  Seconds dispatch_deadline{600};  // 15 s to 30 min
  std::string endpoint = "https://cloudtasks.googleapis.com";  // of an emulator: "http://host:port"
  RetryPolicy retry;
  Timing timing;
  std::stop_token stop;
};

// `http` and `tokens` must outlive the queue. Enqueue's errors: kUnavailable (already retried),
// kPermission, kNotFound (no such queue), kInvalidArgument (no such service account, bad settings);
// all say what to do.
std::unique_ptr<TaskQueue> NewCloudTasksQueue(CloudTasksOptions options, HttpClient& http,
                                              TokenSource& tokens);

}  // namespace gnosis
