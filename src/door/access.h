// Access control: who may call, and how often.
//
// How a call is admitted: without keys the caller is the local user, if Host and Origin allow it;
// if keys are in force (KeyRing), the caller is identified by a key, or by the cookie that a key
// was exchanged for (sign_in_cookie.h). Then the call is counted: against its owner's requests per
// second if it has a key, otherwise against its address's. Repeated attempts with wrong keys lock
// an address out for a while.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "door/guard.h"
#include "door/key_ring.h"
#include "door/lock_out.h"
#include "door/problem.h"
#include "door/rate_limiter.h"
#include "net/http.h"

namespace gnosis {

struct Caller {
  std::string owner;     // e-mail; owns what it submits, and sees nothing else
  std::string key_name;  // "": no key was needed
  // Of the key's secret, also if a cookie was sent instead: if another key later gets the same name
  // and owner, it is a different caller.
  std::string key_sha256 = {};
  bool by_token = false;  // identified by a token that someone else signed
};

// Users identified by a signed token instead of a key (OIDC, Identity-Aware Proxy). Returns the
// e-mail; or, as an error, why the token is invalid; nothing if the request has no such token.
// Called from several threads at once.
using TokenUsers = std::function<std::optional<Result<std::string>>(const HttpRequest& request)>;

struct AccessOptions {
  HostRules hosts;
  int max_requests_per_second = 1000;  // MAX_REQUESTS_PER_SECOND, per owner or address
  LockOutOptions lock_out;
  TokenUsers token_users;  // nothing: tokens are not used
  Milliseconds key_patience = KeyRing::kPatience;
};

// "Bearer SECRET" or X-API-Key; nothing when there is neither.
std::optional<std::string> PresentedSecret(const HttpHeaders& headers);

class Access {
 public:
  Access(ObjectStore& store, Clock& clock, AccessOptions options);

  // kOpen checks no key and waits for nothing; kKnock identifies the caller if there is a key, but
  // does not require one; kGuarded requires one.
  enum class Door { kOpen, kKnock, kGuarded };
  // 401 unauthorized, 403 host_not_allowed, origin_not_allowed, csrf, 429 too_many_requests.
  std::variant<Caller, Problem> Admit(const HttpRequest& request, Door door);
  // Nothing: the caller would still be admitted. 401: the key has been revoked since, or keys have
  // come into force. For long requests: uploads, long polls, event streams.
  std::optional<Problem> CheckStillWelcome(const Caller& caller);

  // Keys or tokens are in force.
  bool WantsKeys() { return ring_.Look().in_force || options_.token_users; }
  // Why no key is accepted, for the administrator; "": keys are accepted.
  std::string TroubleWithKeys() { return ring_.Look().trouble; }
  struct SignedIn {
    Caller caller;
    std::string cookie;  // the value
  };
  // 401, 403 origin_not_allowed, 409 conflict (no keys are in force), 429.
  std::variant<SignedIn, Problem> SignIn(const HttpRequest& request, std::string_view secret);
  // 403 origin_not_allowed, csrf.
  std::optional<Problem> CheckSignOut(const HttpRequest& request) const;

 private:
  // Nothing: the request has no token.
  std::optional<std::variant<Caller, Problem>> AdmitWithToken(const HttpRequest& request);
  std::variant<Caller, Problem> AdmitWithKey(const HttpRequest& request, const KeyRing::Keys& keys);
  const ApiKey* KeyOfCookie(const HttpRequest& request, const KeyRing::Keys& keys) const;
  std::variant<Caller, Problem> AdmitOwner(const ApiKey& key, Time now);
  // For a key that is not in the current list: it may have just been added. Not counted yet.
  std::variant<Caller, Problem> AdmitUnknown(const HttpRequest& request, std::string_view secret,
                                             Time now);
  std::optional<Problem> CheckLockOut(const std::string& address, Time now);
  Problem RefuseKey(const HttpRequest& request, const std::string& address, Time now);
  std::optional<Problem> Count(const std::string& whom, Time now);

  Clock& clock_;
  const AccessOptions options_;
  KeyRing ring_;
  RateLimiter rate_;
  LockOut lock_out_;
};

}  // namespace gnosis
