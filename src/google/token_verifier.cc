#include "google/token_verifier.h"

#include <algorithm>
#include <charconv>
#include <mutex>
#include <utility>

#include "base/refresher.h"

namespace gnosis {
namespace {

constexpr Seconds kLeeway{60};
constexpr Seconds kShortestLife{300};
constexpr Seconds kLongestLife{24 * 3600};
constexpr Seconds kBetweenLooks{60};
constexpr uint64_t kMaxKeysBytes = 256 << 10;
constexpr Milliseconds kFetchTimeout{10'000};
constexpr Milliseconds kPatience{2'000};

Error NoToken(std::string why) { return {ErrorCode::kInvalidArgument, std::move(why), ""}; }
Error NotForUs(std::string why) { return {ErrorCode::kPermission, std::move(why), ""}; }

// "public, max-age=19800, must-revalidate"
Seconds LifeOf(const HttpHeaders& headers) {
  constexpr std::string_view kMaxAge = "max-age=";
  const std::string control = headers.Get("Cache-Control").value_or("");
  int64_t seconds = 0;
  if (const size_t at = control.find(kMaxAge); at != control.npos) {
    const char* begin = control.data() + at + kMaxAge.size();
    (void)std::from_chars(begin, control.data() + control.size(), seconds);
  }
  return std::clamp(Seconds(seconds), kShortestLife, kLongestLife);
}

// The issuer's keys as last fetched.
class KeyCache {
 public:
  KeyCache(HttpClient& client, Clock& clock, const TokenPolicy& policy, std::stop_token stop)
      : client_(client), clock_(clock), policy_(policy), stop_(std::move(stop)), refresher_([this] {
          Fetch();
        }) {}

  // nullptr: there is no such key.
  Result<std::shared_ptr<const SigningKey>> Find(const std::string& id) {
    if (IsLookDue(id)) refresher_.Start();
    if (!IsGood(id)) refresher_.Wait(kPatience);
    const std::lock_guard lock(mutex_);
    const auto found = keys_.find(id);
    if (found != keys_.end()) return found->second;
    if (last_failed_) {
      return Error{ErrorCode::kUnavailable, "the issuer's keys cannot be fetched", ""};
    }
    return std::shared_ptr<const SigningKey>();
  }

 private:
  bool IsLookDue(const std::string& id) {
    const Time now = clock_.Now();
    const std::lock_guard lock(mutex_);
    const bool is_due = now >= good_until_ || !keys_.contains(id);
    if (!is_due || (looked_at_ && now - *looked_at_ < kBetweenLooks)) return false;
    looked_at_ = now;
    return true;
  }
  bool IsGood(const std::string& id) {
    const std::lock_guard lock(mutex_);
    return clock_.Now() < good_until_ && keys_.contains(id);
  }

  // On the refresher's thread, one at a time.
  void Fetch() {
    HttpCall call;
    call.url = policy_.keys_url;
    call.max_body_bytes = kMaxKeysBytes;
    call.total_timeout = kFetchTimeout;
    call.stop = stop_;
    const auto reply = client_.Send(call);
    const bool answered = reply.ok() && reply->status == 200;
    auto keys = answered ? ParseJwks(reply->body, policy_.algorithm)
                         : Result<SigningKeys>(Error{ErrorCode::kUnavailable, "", ""});
    const std::lock_guard lock(mutex_);
    last_failed_ = !keys.ok();
    if (last_failed_) return;
    keys_ = *std::move(keys);
    good_until_ = *looked_at_ + LifeOf(reply->headers);
  }

  HttpClient& client_;
  Clock& clock_;
  const TokenPolicy& policy_;
  const std::stop_token stop_;
  std::mutex mutex_;  // never held while keys are fetched
  SigningKeys keys_;
  Time good_until_{};
  std::optional<Time> looked_at_;
  bool last_failed_ = true;  // or there was no fetch yet
  Refresher refresher_;      // ends before what it uses
};

std::optional<Time> TimeClaim(const Json& claims, std::string_view name) {
  const auto seconds = JsonInteger(claims, name);
  constexpr int64_t kFarAway = int64_t{1} << 40;
  if (!seconds || *seconds < 0 || *seconds > kFarAway) return std::nullopt;
  return Time(Seconds(*seconds));
}

class Verifier final : public TokenVerifier {
 public:
  Verifier(HttpClient& client, Clock& clock, TokenPolicy policy, std::stop_token stop)
      : policy_(std::move(policy)), clock_(clock), keys_(client, clock, policy_, std::move(stop)) {}

  Result<TokenClaims> Verify(std::string_view token) override {
    if (token.empty()) return NoToken("there is no token");
    ASSIGN_OR_RETURN(const Jwt jwt, ParseJwt(token));
    RETURN_IF_ERROR(CheckSignature(jwt));
    RETURN_IF_ERROR(CheckTimes(jwt.claims));
    return CheckWhose(jwt.claims);
  }

 private:
  Status CheckSignature(const Jwt& jwt) {
    // Before any keys are fetched.
    const bool rsa = policy_.algorithm == JwtAlgorithm::kRs256;
    if (jwt.algorithm != (rsa ? "RS256" : "ES256")) {
      return NoToken("the token's algorithm is not accepted");
    }
    ASSIGN_OR_RETURN(const auto key, keys_.Find(jwt.key_id));
    if (!key) return NoToken("the token's key is not one of the issuer's");
    return key->Verifies(jwt) ? Ok() : Status(NoToken("the token's signature is wrong"));
  }

  Status CheckTimes(const Json& claims) const {
    const Time now = clock_.Now();
    const auto expires = TimeClaim(claims, "exp");
    if (!expires) return NoToken("the token has no expiry time");
    if (now >= *expires + kLeeway) return NoToken("the token has expired");
    for (const char* name : {"iat", "nbf"}) {
      const auto from = TimeClaim(claims, name);
      if (from && now + kLeeway < *from) return NoToken("the token is not valid yet");
      if (!from && claims.contains(name)) return NoToken("the token has an invalid time");
    }
    return Ok();
  }

  Result<TokenClaims> CheckWhose(const Json& claims) const {
    const std::string issuer = JsonString(claims, "iss").value_or("");
    const auto& issuers = policy_.issuers;
    if (std::find(issuers.begin(), issuers.end(), issuer) == issuers.end()) {
      return NotForUs("the token's issuer does not match");
    }
    // A token for a list of audiences is not for us alone.
    if (policy_.audience.empty() || JsonString(claims, "aud") != policy_.audience) {
      return NotForUs("the token's audience does not match");
    }
    TokenClaims whose{JsonString(claims, "email").value_or(""),
                      JsonString(claims, "sub").value_or("")};
    if (whose.email.find('@') == std::string::npos) {
      return NotForUs("the token has no e-mail address");
    }
    if (!IsEmailProven(claims)) return NotForUs("the token's e-mail is not verified");
    if (!policy_.email.empty() && whose.email != policy_.email) {
      return NotForUs("the token belongs to another account");
    }
    return whose;
  }

  bool IsEmailProven(const Json& claims) const {
    if (policy_.email_proof == EmailProof::kVerified) {
      return JsonBool(claims, "email_verified") == true;
    }
    const auto external = claims.find("gcip");
    return external == claims.end() || JsonBool(*external, "email_verified") == true;
  }

  const TokenPolicy policy_;
  Clock& clock_;
  KeyCache keys_;
};

}  // namespace

TokenPolicy WorkerPolicy(std::string keys_url, std::string worker_url,
                         std::string service_account) {
  GNOSIS_CHECK(!service_account.empty());
  return {JwtAlgorithm::kRs256,
          std::move(keys_url),
          {"https://accounts.google.com", "accounts.google.com"},
          std::move(worker_url),
          std::move(service_account)};
}

TokenPolicy ProxyPolicy(std::string keys_url, std::string audience) {
  return {JwtAlgorithm::kEs256,
          std::move(keys_url),
          {"https://cloud.google.com/iap"},
          std::move(audience),
          "",
          EmailProof::kProxys};
}

std::unique_ptr<TokenVerifier> NewTokenVerifier(HttpClient& client, Clock& clock,
                                                TokenPolicy policy, std::stop_token stop) {
  return std::make_unique<Verifier>(client, clock, std::move(policy), std::move(stop));
}

}  // namespace gnosis
