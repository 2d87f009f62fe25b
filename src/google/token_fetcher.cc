#include "google/token_fetcher.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/json.h"
#include "base/text.h"
#include "google/encoding.h"
#include "google/signature.h"

namespace gnosis {
namespace {

constexpr size_t kMaxTokenBytes = 16 * 1024;
constexpr int64_t kMaxLifeSeconds = 24 * 3600;
constexpr int64_t kAssertionSeconds = 3600;
constexpr char kScope[] = "https://www.googleapis.com/auth/cloud-platform";
constexpr char kTokenUrl[] = "https://oauth2.googleapis.com/token";

ApiCall NewTokenCall(const CredentialsOptions& options, std::string method, std::string url) {
  ApiCall call;
  call.http.method = std::move(method);
  call.http.url = std::move(url);
  call.http.max_body_bytes = 64 * 1024;
  call.http.total_timeout = Seconds(15);
  call.http.stop = options.stop;
  call.token = ApiCall::Token::kNone;
  return call;
}

class MetadataFetcher final : public TokenFetcher {
 public:
  MetadataFetcher(const CredentialsOptions& options, HttpClient& http)
      : options_(options), api_(http, *no_tokens_, options.retry, options.timing) {}

  Result<FetchedToken> Fetch() override {
    ApiCall call = NewTokenCall(
        options_, "GET",
        fmt::format("http://{}/computeMetadata/v1/instance/service-accounts/default/token",
                    options_.metadata_host));
    call.http.headers.Set("Metadata-Flavor", "Google");
    call.http.connect_timeout = Seconds(3);
    const auto reply = api_.Call(std::move(call));
    if (!reply.ok() && !IsBroken(reply.error())) return reply.error();
    if (!reply.ok()) {
      return Error{ErrorCode::kUnavailable,
                   "no credentials: no key file is set and the metadata server at " +
                       options_.metadata_host + " is not responding: " + reply.error().message,
                   "set GOOGLE_APPLICATION_CREDENTIALS to a key file, run `gcloud auth "
                   "application-default login`, or run on Google Cloud with a service account"};
    }
    if (reply->http.status == 404) {
      return Error{ErrorCode::kPermission, "this machine has no service account",
                   "run the service with --service-account"};
    }
    return ParseTokenReply(reply->http);
  }

 private:
  const CredentialsOptions options_;
  const std::unique_ptr<TokenSource> no_tokens_ = NewNoTokens();
  GoogleApi api_;
};

// Posts a form to an OAuth 2 token endpoint.
class OAuthFetcher : public TokenFetcher {
 public:
  OAuthFetcher(const CredentialsOptions& options, HttpClient& http, std::string token_url)
      : options_(options),
        token_url_(std::move(token_url)),
        api_(http, *no_tokens_, options.retry, options.timing) {}

  Result<FetchedToken> Fetch() final {
    ASSIGN_OR_RETURN(std::string form, NewForm());
    ApiCall call = NewTokenCall(options_, "POST", token_url_);
    call.http.headers.Set("Content-Type", "application/x-www-form-urlencoded");
    call.http.body = std::move(form);
    ASSIGN_OR_RETURN(const ApiReply reply, api_.Call(std::move(call)));
    return ParseTokenReply(reply.http);
  }

 protected:
  virtual Result<std::string> NewForm() = 0;
  const CredentialsOptions& options() const { return options_; }
  const std::string& token_url() const { return token_url_; }

 private:
  const CredentialsOptions options_;
  const std::string token_url_;
  const std::unique_ptr<TokenSource> no_tokens_ = NewNoTokens();
  GoogleApi api_;
};

// RFC 7523: a token that the account signs itself is exchanged for an access token.
class ServiceAccountFetcher final : public OAuthFetcher {
 public:
  struct Account {
    std::string email, key_id, private_key;
  };
  ServiceAccountFetcher(const CredentialsOptions& options, HttpClient& http, std::string token_url,
                        Account account)
      : OAuthFetcher(options, http, std::move(token_url)), account_(std::move(account)) {}

 private:
  Result<std::string> NewForm() override {
    const int64_t now =
        std::chrono::duration_cast<Seconds>(options().timing.Now().time_since_epoch()).count();
    const Json header{{"alg", "RS256"}, {"typ", "JWT"}, {"kid", account_.key_id}};
    const Json claims{{"iss", account_.email},
                      {"scope", kScope},
                      {"aud", token_url()},
                      {"iat", now},
                      {"exp", now + kAssertionSeconds}};
    const std::string text = Base64Url(DumpJson(header)) + "." + Base64Url(DumpJson(claims));
    ASSIGN_OR_RETURN(const std::string signature, SignRs256(account_.private_key, text));
    return "grant_type=" + PercentEncode("urn:ietf:params:oauth:grant-type:jwt-bearer") +
           "&assertion=" + text + "." + Base64Url(signature);
  }

  const Account account_;
};

class UserFetcher final : public OAuthFetcher {
 public:
  UserFetcher(const CredentialsOptions& options, HttpClient& http, std::string token_url,
              std::string form)
      : OAuthFetcher(options, http, std::move(token_url)), form_(std::move(form)) {}

 private:
  Result<std::string> NewForm() override { return form_; }
  const std::string form_;
};

Error BadFile(std::string what) {
  return {ErrorCode::kInvalidArgument, std::move(what),
          "download the key file again, or run `gcloud auth application-default login`"};
}

// The first of `fields` that is missing; nothing if all are present.
std::optional<std::string> Missing(const Json& json, std::initializer_list<const char*> fields) {
  for (const char* field : fields) {
    if (JsonString(json, field).value_or("").empty()) return std::string(field) + " is missing";
  }
  return std::nullopt;
}

}  // namespace

Result<FetchedToken> ParseTokenReply(const HttpReply& reply) {
  if (reply.status != 200) {
    return Error{
        ErrorCode::kPermission,
        fmt::format("Google refused an access token: HTTP {}: {}", reply.status, MessageOf(reply)),
        "check the key file and the clock, or run `gcloud auth application-default "
        "login` again"};
  }
  const Error unreadable{ErrorCode::kUnavailable,
                         "the response to a token request cannot be parsed", ""};
  const auto json = ParseJson(reply.body);
  if (!json.ok()) return unreadable;
  const std::string token = JsonString(*json, "access_token").value_or("");
  const bool is_printable =
      std::all_of(token.begin(), token.end(), [](char c) { return c > 0x20 && c < 0x7f; });
  if (token.empty() || token.size() > kMaxTokenBytes || !is_printable) return unreadable;
  const int64_t lives_for = JsonInteger(*json, "expires_in").value_or(kAssertionSeconds);
  return FetchedToken{token, Seconds(std::clamp<int64_t>(lives_for, 0, kMaxLifeSeconds))};
}

std::unique_ptr<TokenFetcher> NewMetadataFetcher(const CredentialsOptions& options,
                                                 HttpClient& http) {
  return std::make_unique<MetadataFetcher>(options, http);
}

Result<std::unique_ptr<TokenFetcher>> NewFileFetcher(const CredentialsOptions& options,
                                                     HttpClient& http, std::string_view text) {
  const auto json = ParseJson(text);
  if (!json.ok() || !json->is_object()) return BadFile("not a JSON object");
  const std::string url = JsonString(*json, "token_uri").value_or(kTokenUrl);
  if (!url.starts_with("https://") && !IsLoopbackUrl(url)) {
    return BadFile("its token_uri is not an https URL");
  }
  const auto get = [&](const char* field) { return JsonString(*json, field).value_or(""); };
  const std::string type = get("type");
  if (type == "service_account") {
    if (auto missing = Missing(*json, {"client_email", "private_key"})) return BadFile(*missing);
    RETURN_IF_ERROR([&]() -> Status {
      const auto works = SignRs256(get("private_key"), "");
      return works.ok() ? Ok() : Status(BadFile("its private_key is not an RSA key in PEM"));
    }());
    return std::unique_ptr<TokenFetcher>(std::make_unique<ServiceAccountFetcher>(
        options, http, url,
        ServiceAccountFetcher::Account{get("client_email"), get("private_key_id"),
                                       get("private_key")}));
  }
  if (type == "authorized_user") {
    if (auto missing = Missing(*json, {"client_id", "client_secret", "refresh_token"})) {
      return BadFile(*missing);
    }
    std::string form = "grant_type=refresh_token";
    for (const char* field : {"client_id", "client_secret", "refresh_token"}) {
      form += std::string("&") + field + "=" + PercentEncode(get(field));
    }
    return std::unique_ptr<TokenFetcher>(
        std::make_unique<UserFetcher>(options, http, url, std::move(form)));
  }
  return BadFile("credentials of type \"" + type.substr(0, 40) +
                 "\"; service_account and authorized_user are supported");
}

}  // namespace gnosis
