// The clients of Google's services that one process needs, built from the settings in one place.
#pragma once

#include <memory>
#include <stop_token>
#include <string>

#include "api/worker_api.h"
#include "app/settings.h"
#include "base/result.h"
#include "door/access.h"
#include "google/cloud_storage_store.h"
#include "google/credentials.h"
#include "google/token_verifier.h"
#include "net/http_client.h"
#include "session/object_store.h"
#include "task/task_queue.h"

namespace gnosis {

class CloudClients {
 public:
  // kPermission when no credentials are found and no stand-in is named.
  static Result<std::unique_ptr<CloudClients>> Make(const CloudSettings& settings);

  // Each once; what they use lives here.
  std::unique_ptr<ObjectStore> NewStore();
  std::unique_ptr<TaskQueue> NewQueue();
  // Looks at the tokens of the queue.
  TokenGate NewWorkerGate();
  // Users with tokens; nothing when the settings name no issuer.
  TokenUsers NewTokenUsers();

  CloudStorageStore& storage() { return *storage_; }  // after NewStore

  // Ends every call, and every pause before its next try, with kInterrupted; further calls fail at
  // once. For when what is still under way may be lost. From any thread.
  void Stop() { stop_.request_stop(); }

 private:
  explicit CloudClients(const CloudSettings& settings);

  const CloudSettings settings_;
  std::stop_source stop_;
  std::unique_ptr<HttpClient> http_;
  std::unique_ptr<TokenSource> tokens_;  // nullptr: all are stand-ins
  std::unique_ptr<TokenVerifier> worker_tokens_;
  std::unique_ptr<TokenVerifier> user_tokens_;   // nullptr: not asked for
  std::unique_ptr<TokenVerifier> proxy_tokens_;  // nullptr: not asked for
  CloudStorageStore* storage_ = nullptr;
};

}  // namespace gnosis
