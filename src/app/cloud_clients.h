// Creates the clients of Google's services that a process needs, from the settings.
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
  // kPermission if there are no credentials and not all services are emulated.
  static Result<std::unique_ptr<CloudClients>> Make(const CloudSettings& settings);

  // Call each at most once; the objects use members of this one.
  std::unique_ptr<ObjectStore> NewStore();
  std::unique_ptr<TaskQueue> NewQueue();
  // Verifies the queue's tokens.
  TokenGate NewWorkerGate();
  // Users with tokens; nothing if the settings name no issuer.
  TokenUsers NewTokenUsers();

  CloudStorageStore& storage() { return *storage_; }  // after NewStore

  // Ends every call, and every pause before a retry, with kInterrupted; further calls fail
  // immediately. Use it when unfinished work may be lost. From any thread.
  void Stop() { stop_.request_stop(); }

 private:
  explicit CloudClients(const CloudSettings& settings);

  const CloudSettings settings_;
  std::stop_source stop_;
  std::unique_ptr<HttpClient> http_;
  std::unique_ptr<TokenSource> tokens_;  // nullptr: all services are emulated
  std::unique_ptr<TokenVerifier> worker_tokens_;
  std::unique_ptr<TokenVerifier> user_tokens_;   // nullptr: not configured
  std::unique_ptr<TokenVerifier> proxy_tokens_;  // nullptr: not configured
  CloudStorageStore* storage_ = nullptr;
};

}  // namespace gnosis
