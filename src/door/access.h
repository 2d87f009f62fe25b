// Who may call, and how often.
//
// The life of a call at the door: without keys the caller is the local user, if Host and Origin
// allow it; where keys are in force (KeyRing) a key says who it is, or the cookie that a key was
// changed into (sign_in_cookie.h). Then it is counted: against its owner's requests per second when
// it has a key, else against its address's. Who tries wrong keys again and again is locked out for
// a while.
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
  std::string owner;     // e-mail; what is submitted is theirs, and they see nothing else
  std::string key_name;  // "": no key was needed
  // Of the key's secret, also where a cookie stood for it: another key that gets the same name and
  // owner later is another caller.
  std::string key_sha256 = {};
  bool by_token = false;  // known by a token that somebody else signed
};

// Users who are known by a signed token instead of a key (OIDC, Identity-Aware Proxy): the e-mail;
// or, as an error, why the token is none; nothing when the request shows no such token. From
// several threads at once.
using TokenUsers = std::function<std::optional<Result<std::string>>(const HttpRequest& request)>;

struct AccessOptions {
  HostRules hosts;
  int max_requests_per_second = 1000;  // MAX_REQUESTS_PER_SECOND, of an owner or an address
  LockOutOptions lock_out;
  TokenUsers token_users;  // nothing: there are none
  Milliseconds key_patience = KeyRing::kPatience;
};

// "Bearer SECRET" or X-API-Key; nothing when there is neither.
std::optional<std::string> PresentedSecret(const HttpHeaders& headers);

class Access {
 public:
  Access(ObjectStore& store, Clock& clock, AccessOptions options);

  // kOpen looks at no key and waits for nothing; kKnock lets in who has none, and knows who has
  // one; kGuarded wants one.
  enum class Door { kOpen, kKnock, kGuarded };
  // 401 unauthorized, 403 host_not_allowed, origin_not_allowed, csrf, 429 too_many_requests.
  std::variant<Caller, Problem> Admit(const HttpRequest& request, Door door);
  // Nothing: who was let in before would be let in still. 401: the key was revoked meanwhile, or
  // keys have come into force. For what takes long: uploads, long polls, event streams.
  std::optional<Problem> CheckStillWelcome(const Caller& caller);

  // Keys or tokens are in force.
  bool WantsKeys() { return ring_.Look().in_force || options_.token_users; }
  // Why no key opens anything, for who runs the server; "": they do.
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
  // Nothing: the request shows no token.
  std::optional<std::variant<Caller, Problem>> AdmitWithToken(const HttpRequest& request);
  std::variant<Caller, Problem> AdmitWithKey(const HttpRequest& request, const KeyRing::Keys& keys);
  const ApiKey* KeyOfCookie(const HttpRequest& request, const KeyRing::Keys& keys) const;
  std::variant<Caller, Problem> AdmitOwner(const ApiKey& key, Time now);
  // A key that is not in the list that serves: perhaps it was added just now. Not counted yet.
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
