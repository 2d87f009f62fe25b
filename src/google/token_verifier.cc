#include "google/token_verifier.h"

#include <algorithm>
#include <utility>

#include "base/json.h"
#include "google/jwt.h"
#include "google/key_set.h"

namespace gnosis {
namespace {

constexpr double kLeewaySeconds = 60;
constexpr size_t kMaxEmailBytes = 320;
constexpr char kGoogleKeys[] = "https://www.googleapis.com/oauth2/v3/certs";
constexpr char kIapKeys[] = "https://www.gstatic.com/iap/verify/public_key-jwk";

Error Refused(std::string which) {
  return {ErrorCode::kInvalidArgument, "token refused: " + std::move(which), ""};
}

bool HasAudience(const Json& claims, const std::string& audience) {
  const auto found = claims.find("aud");
  if (found == claims.end()) return false;
  if (found->is_string()) return found->get<std::string>() == audience;
  return found->is_array() && std::any_of(found->begin(), found->end(), [&](const Json& one) {
           return one.is_string() && one.get<std::string>() == audience;
         });
}

Status CheckTimes(const Json& claims, double now) {
  const auto expires = JsonNumber(claims, "exp");
  if (!expires) return Refused("no exp");
  if (now > *expires + kLeewaySeconds) return Refused("expired");
  for (const char* field : {"iat", "nbf"}) {
    if (!claims.contains(field)) continue;
    const auto time = JsonNumber(claims, field);
    if (!time) return Refused(std::string(field) + " is no number");
    if (*time > now + kLeewaySeconds) return Refused(std::string("not valid yet (") + field + ")");
  }
  return Ok();
}

bool IsVerified(const Json& claims) {
  return JsonBool(claims, "email_verified") == true ||
         JsonString(claims, "email_verified") == "true";
}

class Verifier final : public TokenVerifier {
 public:
  Verifier(TokenPolicy policy, HttpClient& http, Timing timing)
      : policy_(std::move(policy)),
        timing_(std::move(timing)),
        keys_({.url = policy_.keys_url, .issuer = policy_.issuers.front()}, http, timing_) {}

  Result<TokenClaims> Verify(std::string_view token) override {
    auto jwt = ParseJwt(token);
    if (!jwt.ok()) return Refused(jwt.error().message);
    RETURN_IF_ERROR(CheckSignature(*jwt));
    return CheckClaims(jwt->claims);
  }

 private:
  Status CheckSignature(const Jwt& jwt) {
    if (jwt.algorithm != policy_.algorithm) return Refused("alg is not " + policy_.algorithm);
    auto key = keys_.Find(jwt.key_id);
    if (!key.ok() && key.code() == ErrorCode::kNotFound) return Refused("unknown kid");
    if (!key.ok()) return key.error();
    // The key's own kind decides how it is used: never the token.
    if ((*key)->algorithm() != policy_.algorithm) return Refused("kid is a key of another kind");
    if (!(*key)->Verifies(jwt.signed_text, jwt.signature)) return Refused("signature");
    return Ok();
  }

  Result<TokenClaims> CheckClaims(const Json& claims) {
    const std::string issuer = JsonString(claims, "iss").value_or("");
    if (std::find(policy_.issuers.begin(), policy_.issuers.end(), issuer) ==
        policy_.issuers.end()) {
      return Refused("iss");
    }
    if (!HasAudience(claims, policy_.audience)) return Refused("aud");
    RETURN_IF_ERROR(CheckTimes(claims, double(timing_.Now().time_since_epoch().count()) / 1000));
    TokenClaims caller{.email = JsonString(claims, policy_.email_claim).value_or(""),
                       .subject = JsonString(claims, "sub").value_or("")};
    if (caller.email.empty() || caller.email.size() > kMaxEmailBytes) {
      return Refused("no " + policy_.email_claim);
    }
    if (policy_.email_verified == TokenPolicy::EmailVerified::kRequired && !IsVerified(claims)) {
      return Refused("email_verified");
    }
    if (!policy_.required_email.empty() && caller.email != policy_.required_email) {
      return Error{ErrorCode::kPermission, "token refused: of another account", ""};
    }
    return caller;
  }

  const TokenPolicy policy_;
  const Timing timing_;
  KeySet keys_;
};

}  // namespace

TokenPolicy WorkerPolicy(std::string audience, std::string service_account) {
  GNOSIS_CHECK(!service_account.empty());  // else any Google account could call the worker
  return {.keys_url = kGoogleKeys,
          .issuers = {"https://accounts.google.com", "accounts.google.com"},
          .audience = std::move(audience),
          .required_email = std::move(service_account)};
}

TokenPolicy UserPolicy(std::string issuer, std::string audience, std::string email_claim) {
  const bool is_email = email_claim == "email";
  return {.issuers = {std::move(issuer)},
          .audience = std::move(audience),
          .email_claim = std::move(email_claim),
          // email_verified speaks of "email" alone.
          .email_verified = is_email ? TokenPolicy::EmailVerified::kRequired
                                     : TokenPolicy::EmailVerified::kNotSaid};
}

TokenPolicy IapPolicy(std::string audience) {
  return {.algorithm = "ES256",
          .keys_url = kIapKeys,
          .issuers = {"https://cloud.google.com/iap"},
          .audience = std::move(audience),
          .email_verified = TokenPolicy::EmailVerified::kNotSaid};
}

std::unique_ptr<TokenVerifier> NewTokenVerifier(TokenPolicy policy, HttpClient& http,
                                                Timing timing) {
  GNOSIS_CHECK(!policy.audience.empty() && !policy.issuers.empty() &&
               !policy.issuers.front().empty());
  return std::make_unique<Verifier>(std::move(policy), http, std::move(timing));
}

}  // namespace gnosis
