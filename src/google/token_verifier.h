// Whether a bearer token is what it says it is: signed by one of the issuer's keys, for us, in
// time.
//
// The life of the keys: fetched when a token is first looked at -> good for as long as the server
// says (5 minutes to a day) -> fetched anew, also once a minute at most for a key id that is not
// known, which is how keys are rotated. Old keys stay while the server cannot be reached. They are
// fetched on a thread of their own and under no lock: who comes meanwhile waits for them, but not
// long; with a key that is known one gets in whatever happens to the fetching.
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

// What a token must say of its e-mail.
enum class EmailProof {
  kVerified,  // "email_verified": true, as OpenID Connect has it: else anybody could claim it
  // Identity-Aware Proxy has no such claim; it lets in only who logged in with an account. Only of
  // external identities it hands on what their provider said ("gcip"), and that must be verified.
  kProxys,
};

struct TokenPolicy {
  JwtAlgorithm algorithm = JwtAlgorithm::kRs256;
  std::string keys_url;
  std::vector<std::string> issuers;
  std::string audience;
  std::string email;  // "": any, but there has to be one
  EmailProof email_proof = EmailProof::kVerified;
};
// Of the queue's calls: Google's, for this worker, as this service account.
TokenPolicy WorkerPolicy(std::string keys_url, std::string worker_url, std::string service_account);
// Of the header X-Goog-IAP-JWT-Assertion.
TokenPolicy ProxyPolicy(std::string keys_url, std::string audience);

struct TokenClaims {
  std::string email;
  std::string subject;
};

class TokenVerifier {
 public:
  virtual ~TokenVerifier() = default;
  // From any thread. kInvalidArgument: no good token at all (401); kPermission: a good one, but not
  // for us or not from whom we expect (403); kUnavailable: the keys could not be fetched. The
  // message names the check that failed and quotes nothing of the token.
  virtual Result<TokenClaims> Verify(std::string_view token) = 0;
};
// `client` and `clock` outlive it. `stop` ends a fetch of keys under way, for which its end waits.
std::unique_ptr<TokenVerifier> NewTokenVerifier(HttpClient& client, Clock& clock,
                                                TokenPolicy policy, std::stop_token stop = {});

}  // namespace gnosis
