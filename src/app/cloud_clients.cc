#include "app/cloud_clients.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/clock.h"
#include "google/cloud_tasks_queue.h"

namespace gnosis {
namespace {

// "localhost:9023", as Google's own clients accept it, or a URL.
std::string EmulatorUrl(const std::string& host) {
  std::string url = host.find("://") == std::string::npos ? "http://" + host : host;
  while (url.ends_with('/')) url.pop_back();
  return url;
}

TokenVerdict VerdictOf(const Result<TokenClaims>& claims) {
  using Say = TokenVerdict::Say;
  if (claims.ok()) return {Say::kWelcome, ""};
  return {claims.code() == ErrorCode::kPermission ? Say::kForbidden : Say::kUnauthorized,
          claims.error().message};
}

// API keys contain no dots.
bool LooksLikeToken(const std::string& secret) {
  return std::count(secret.begin(), secret.end(), '.') == 2;
}

Result<std::string> EmailOf(const Result<TokenClaims>& claims) {
  if (!claims.ok()) return claims.error();
  return claims->email;
}

}  // namespace

CloudClients::CloudClients(const CloudSettings& settings)
    : settings_(settings), http_(NewHttpClient({})) {}

Result<std::unique_ptr<CloudClients>> CloudClients::Make(const CloudSettings& settings) {
  std::unique_ptr<CloudClients> clients(new CloudClients(settings));
  const bool stand_ins =
      !settings.storage_emulator.empty() && (!settings.tasks || !settings.tasks_emulator.empty());
  if (stand_ins) {
    clients->tokens_ = NewNoTokens();
  } else {
    CredentialsOptions options = CredentialsFromEnvironment();
    options.stop = clients->stop_.get_token();
    ASSIGN_OR_RETURN(clients->tokens_, NewCredentials(options, *clients->http_));
  }
  return clients;
}

std::unique_ptr<ObjectStore> CloudClients::NewStore() {
  CloudStorageOptions options{.bucket = settings_.bucket, .stop = stop_.get_token()};
  if (!settings_.storage_emulator.empty()) {
    options.endpoint = EmulatorUrl(settings_.storage_emulator);
  }
  auto store = NewCloudStorageStore(std::move(options), *http_, *tokens_);
  storage_ = store.get();
  return store;
}

std::unique_ptr<TaskQueue> CloudClients::NewQueue() {
  CloudTasksOptions options{.project = settings_.project,
                            .location = settings_.location,
                            .queue = settings_.queue,
                            .worker_url = settings_.worker_url,
                            .service_account = settings_.service_account,
                            .dispatch_deadline = settings_.dispatch_deadline,
                            .stop = stop_.get_token()};
  if (!settings_.tasks_emulator.empty()) options.endpoint = EmulatorUrl(settings_.tasks_emulator);
  return NewCloudTasksQueue(std::move(options), *http_, *tokens_);
}

TokenGate CloudClients::NewWorkerGate() {
  worker_tokens_ = NewTokenVerifier(
      *http_, SystemClock(),
      WorkerPolicy(settings_.google_keys_url, settings_.worker_url, settings_.service_account),
      stop_.get_token());
  return [this](const std::string& token) { return VerdictOf(worker_tokens_->Verify(token)); };
}

TokenUsers CloudClients::NewTokenUsers() {
  if (!settings_.oidc_issuer.empty()) {
    user_tokens_ = NewTokenVerifier(*http_, SystemClock(),
                                    {.keys_url = settings_.oidc_keys_url,
                                     .issuers = {settings_.oidc_issuer},
                                     .audience = settings_.oidc_audience,
                                     .email = ""},
                                    stop_.get_token());
  }
  if (!settings_.iap_audience.empty()) {
    proxy_tokens_ = NewTokenVerifier(*http_, SystemClock(),
                                     ProxyPolicy(settings_.iap_keys_url, settings_.iap_audience),
                                     stop_.get_token());
  }
  if (!user_tokens_ && !proxy_tokens_) return nullptr;
  return [this](const HttpRequest& request) -> std::optional<Result<std::string>> {
    const auto asserted = request.headers.Get("X-Goog-IAP-JWT-Assertion");
    if (proxy_tokens_ && asserted) return EmailOf(proxy_tokens_->Verify(*asserted));
    const auto secret = PresentedSecret(request.headers);
    if (!user_tokens_ || !secret || !LooksLikeToken(*secret)) return std::nullopt;
    return EmailOf(user_tokens_->Verify(*secret));
  };
}

}  // namespace gnosis
