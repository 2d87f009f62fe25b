#include "google/credentials.h"

#include <algorithm>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <utility>

#include "base/file.h"
#include "google/token_fetcher.h"

namespace gnosis {
namespace {

constexpr uint64_t kMaxFileBytes = 64 * 1024;
constexpr Seconds kBetweenFailedRenewals{10};

class CachedTokens final : public TokenSource {
 public:
  CachedTokens(std::unique_ptr<TokenFetcher> fetcher, Timing timing)
      : fetcher_(std::move(fetcher)), timing_(std::move(timing)) {}

  Result<std::string> AccessToken() override {
    std::unique_lock lock(mutex_);
    while (true) {
      const Time now = timing_.Now();
      const bool is_good = !token_.empty() && now < expires_;
      if (is_good && (now < renew_ || is_fetching_)) return token_;
      if (!is_fetching_) return Renew(lock, is_good);
      changed_.wait(lock);
      // Callers that waited share the failure of the one that fetched, or all would try in turn.
      if (token_.empty() && !is_fetching_ && last_error_) return *last_error_;
    }
  }

  void Forget(const std::string& token) override {
    const std::lock_guard lock(mutex_);
    if (token_ == token) token_.clear();
  }

 private:
  // Fetches without the lock; `may_fail` while the old token is still valid.
  Result<std::string> Renew(std::unique_lock<std::mutex>& lock, bool may_fail) {
    is_fetching_ = true;
    lock.unlock();
    const Time begin = timing_.Now();
    auto fetched = fetcher_->Fetch();
    lock.lock();
    is_fetching_ = false;
    changed_.notify_all();
    if (!fetched.ok()) {
      renew_ = timing_.Now() + kBetweenFailedRenewals;
      last_error_ = fetched.error();
      if (may_fail && !token_.empty() && timing_.Now() < expires_) return token_;
      token_.clear();
      return fetched.error();
    }
    last_error_.reset();
    token_ = std::move(fetched->token);
    expires_ = begin + fetched->lives_for;
    renew_ = expires_ - kRenewEarly;
    return token_;
  }

  const std::unique_ptr<TokenFetcher> fetcher_;
  const Timing timing_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string token_;
  Time expires_{}, renew_{};
  bool is_fetching_ = false;
  std::optional<Error> last_error_;
};

std::string Variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

Result<std::unique_ptr<TokenFetcher>> FetcherOfFile(const CredentialsOptions& options,
                                                    HttpClient& http, const std::string& path) {
  const auto text = ReadFile(path, kMaxFileBytes);
  if (!text.ok()) {
    Error error = text.error().Context("credentials");
    error.hint = "GOOGLE_APPLICATION_CREDENTIALS must name a readable key file";
    return error;
  }
  auto fetcher = NewFileFetcher(options, http, *text);
  if (!fetcher.ok()) return fetcher.error().Context("credentials: " + path);
  return fetcher;
}

}  // namespace

CredentialsOptions CredentialsFromEnvironment() {
  CredentialsOptions options;
  options.key_file = Variable("GOOGLE_APPLICATION_CREDENTIALS");
  std::string folder = Variable("CLOUDSDK_CONFIG");
  if (folder.empty() && !Variable("HOME").empty()) folder = Variable("HOME") + "/.config/gcloud";
  if (!folder.empty()) options.well_known_file = folder + "/application_default_credentials.json";
  const std::string host = Variable("GCE_METADATA_HOST");
  if (!host.empty()) options.metadata_host = host;
  return options;
}

Result<std::unique_ptr<TokenSource>> NewCredentials(const CredentialsOptions& options,
                                                    HttpClient& http) {
  std::unique_ptr<TokenFetcher> fetcher;
  std::error_code ignored;
  if (!options.key_file.empty()) {
    ASSIGN_OR_RETURN(fetcher, FetcherOfFile(options, http, options.key_file));
  } else if (!options.well_known_file.empty() &&
             std::filesystem::exists(options.well_known_file, ignored)) {
    ASSIGN_OR_RETURN(fetcher, FetcherOfFile(options, http, options.well_known_file));
  } else {
    fetcher = NewMetadataFetcher(options, http);
  }
  return std::unique_ptr<TokenSource>(
      std::make_unique<CachedTokens>(std::move(fetcher), options.timing));
}

}  // namespace gnosis
