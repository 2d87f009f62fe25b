// Whether a bearer token is genuine: signed by one of the issuer's keys, meant for us, and not
// expired.
//
// The life of the keys: fetched when a token is first verified -> valid for as long as the server
// says (5 minutes to a day) -> fetched again, and also, at most once a minute, for an unknown key
// id, since keys are rotated. Old keys stay while the server cannot be reached. They are fetched on
// a thread of their own without any lock: calls that arrive meanwhile wait for them, but not for
// long; tokens with a known key are accepted whatever happens to the fetch.
#pragma once

#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "google/jwt.h"
#include "net/http_client.h"

namespace gnosis {

// What a token must say about its e-mail address.
enum class EmailProof {
  kVerified,  // "email_verified": true, as in OpenID Connect: otherwise anyone could claim it
  // Identity-Aware Proxy has no such claim; it only admits users who signed in with an account.
  // Only for external identities does it pass on their provider's claims ("gcip"), which must be
  // verified.
  kProxys,
};

struct TokenPolicy {
  JwtAlgorithm algorithm = JwtAlgorithm::kRs256;
  std::string keys_url;
  std::vector<std::string> issuers;
  std::string audience;
  std::string email;  // "": any, but one is required
  EmailProof email_proof = EmailProof::kVerified;
};
// For the queue's calls: issued by Google, for this worker, as this service account.
TokenPolicy WorkerPolicy(std::string keys_url, std::string worker_url, std::string service_account);
// For the header X-Goog-IAP-JWT-Assertion.
TokenPolicy ProxyPolicy(std::string keys_url, std::string audience);

struct TokenClaims {
  std::string email;
  std::string subject;
};

class TokenVerifier {
 public:
  virtual ~TokenVerifier() = default;
  // From any thread. kInvalidArgument: not a valid token (401); kPermission: a valid one, but not
  // for us or not from the expected sender (403); kUnavailable: the keys could not be fetched. The
  // message names the check that failed and quotes nothing from the token.
  virtual Result<TokenClaims> Verify(std::string_view token) = 0;
};
// `client` and `clock` must outlive it. `stop` ends a fetch in progress, for which the destructor
// waits.
std::unique_ptr<TokenVerifier> NewTokenVerifier(HttpClient& client, Clock& clock,
                                                TokenPolicy policy, std::stop_token stop = {});

}  // namespace gnosis
