// Who is calling: checks a signed token (JWT) against a policy.
//
// The life of a check: taken apart strictly (jwt.h) -> the algorithm is the policy's, whatever the
// header would like -> the key of that id, from the issuer's set -> the signature -> issuer,
// audience, times, e-mail. The first that fails says so in its error, which is for the log: the
// caller hears 401 or 403 and nothing else.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "net/http_client.h"
#include "net/retry.h"

namespace gnosis {

struct TokenPolicy {
  std::string algorithm = "RS256";   // or "ES256"
  std::string keys_url;              // JWKS; "" is found by discovery at the first issuer
  std::vector<std::string> issuers;  // one of them
  std::string audience;
  std::string required_email;         // nobody else; "" is anybody of that audience
  std::string email_claim = "email";  // where the caller's name stands
  enum class EmailVerified { kRequired, kNotSaid } email_verified = EmailVerified::kRequired;
};

// Of Cloud Tasks and Cloud Scheduler calling the worker as `service_account`.
TokenPolicy WorkerPolicy(std::string audience, std::string service_account);
// Of users with a bearer token of their OpenID provider.
TokenPolicy UserPolicy(std::string issuer, std::string audience, std::string email_claim = "email");
// Of Identity-Aware Proxy's header kIapHeader.
inline constexpr std::string_view kIapHeader = "x-goog-iap-jwt-assertion";
TokenPolicy IapPolicy(std::string audience);

struct TokenClaims {
  std::string email;
  std::string subject;
};

class TokenVerifier {
 public:
  virtual ~TokenVerifier() = default;
  // From any thread. `token` without "Bearer ". Errors: kInvalidArgument (401: not a good token),
  // kPermission (403: a good token of somebody else), kUnavailable (503: no keys to check it with).
  virtual Result<TokenClaims> Verify(std::string_view token) = 0;
};

// `http` must outlive it. A policy without audience or issuer is a bug in the caller.
std::unique_ptr<TokenVerifier> NewTokenVerifier(TokenPolicy policy, HttpClient& http,
                                                Timing timing);

}  // namespace gnosis
