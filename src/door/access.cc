#include "door/access.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "door/header_values.h"
#include "door/owner.h"
#include "door/sign_in_cookie.h"
#include "session/keys.h"

namespace gnosis {
namespace {

constexpr size_t kMaxCallers = 10'000;

Problem TooMany(std::string detail, std::string hint, Milliseconds wait) {
  const int wait_s = int((wait.count() + 999) / 1000);
  return {429, "too_many_requests", std::move(detail), std::move(hint), {}, std::max(1, wait_s)};
}

Problem Unauthorized(std::string detail) {
  return {401,
          "unauthorized",
          std::move(detail),
          "send a key as \"Authorization: Bearer KEY\" or \"X-API-Key: KEY\"; the administrator "
          "creates one with: gnosis-ocr keys add NAME --owner E-MAIL",
          {},
          {}};
}

Problem KeysUnreadable() {
  return {401,
          "unauthorized",
          "the server cannot read its API keys, so nobody has access",
          "the key may be valid; ask the administrator to check the server log",
          {},
          {}};
}

// The local user is known without credentials or by a key, never by a token that someone else
// signed.
Result<std::string> OwnerOfToken(const Result<std::string>& email) {
  if (!email.ok()) return email;
  auto owner = OwnerOf(*email);
  if (owner && *owner != kLocalUserEmail) return *std::move(owner);
  return Error{ErrorCode::kPermission, "the token's e-mail address cannot be used as an owner", ""};
}

Caller CallerOf(const ApiKey& key) { return {key.owner, key.name, key.sha256}; }

}  // namespace

std::optional<std::string> PresentedSecret(const HttpHeaders& headers) {
  constexpr std::string_view kScheme = "Bearer ";
  const std::string authorization = headers.Get("Authorization").value_or("");
  const std::string_view text = Trim(authorization);
  if (EqualsIgnoreCase(text.substr(0, kScheme.size()), kScheme)) {
    return std::string(Trim(text.substr(kScheme.size())));
  }
  const auto key = headers.Get("X-API-Key");
  return key ? std::optional(std::string(Trim(*key))) : std::nullopt;
}

Access::Access(ObjectStore& store, Clock& clock, AccessOptions options)
    : clock_(clock),
      options_(std::move(options)),
      ring_(store, clock, options_.key_patience),
      rate_(options_.max_requests_per_second, kMaxCallers),
      lock_out_(options_.lock_out) {
  (void)ring_.Look();
}

std::variant<Caller, Problem> Access::Admit(const HttpRequest& request, Door door) {
  if (door != Door::kOpen && options_.token_users) {
    if (auto by_token = AdmitWithToken(request)) return *std::move(by_token);
  }
  const KeyRing::Keys keys = door == Door::kOpen ? ring_.Peek() : ring_.Look();
  const bool guarded = keys.in_force || options_.token_users;
  const bool shows_key = door == Door::kKnock && (PresentedSecret(request.headers) ||
                                                  KeyOfCookie(request, keys) != nullptr);
  if (guarded && (door == Door::kGuarded || shows_key)) return AdmitWithKey(request, keys);
  if (!guarded) {
    if (auto problem = CheckHostAndOrigin(options_.hosts, request)) return *std::move(problem);
  }
  if (auto problem = Count(AddressGroup(request.remote_address), clock_.Now())) {
    return *std::move(problem);
  }
  const bool is_somebody = !guarded && door != Door::kOpen;
  return Caller{is_somebody ? std::string(kLocalUserEmail) : std::string(), ""};
}

std::optional<std::variant<Caller, Problem>> Access::AdmitWithToken(const HttpRequest& request) {
  using Admitted = std::variant<Caller, Problem>;
  const auto user = options_.token_users(request);
  if (!user) return std::nullopt;
  const Time now = clock_.Now();
  const auto owner = OwnerOfToken(*user);
  if (!owner.ok()) {
    if (auto problem = Count(AddressGroup(request.remote_address), now)) return Admitted(*problem);
    Log(LogLevel::kWarning, "a user's token was refused",
        {{"address", request.remote_address}, {"reason", owner.error().message}});
    return Admitted(Unauthorized("the token is not valid for this server"));
  }
  // A proxy adds its header to every request of a browser, whichever page caused it.
  if (auto problem = CheckOrigin(request)) return Admitted(*problem);
  if (auto problem = Count(*owner, now)) return Admitted(*problem);
  return Admitted(Caller{.owner = *owner, .key_name = "", .by_token = true});
}

std::optional<Problem> Access::CheckStillWelcome(const Caller& caller) {
  if (caller.owner.empty() || caller.by_token) return std::nullopt;
  const KeyRing::Keys keys = ring_.Look();
  if (!keys.in_force || std::any_of(keys.list->begin(), keys.list->end(), [&](const ApiKey& key) {
        return key.name == caller.key_name && key.owner == caller.owner &&
               key.sha256 == caller.key_sha256;
      })) {
    return std::nullopt;
  }
  if (!keys.trouble.empty()) return KeysUnreadable();
  return Unauthorized("the API key has been revoked");
}

std::variant<Caller, Problem> Access::AdmitWithKey(const HttpRequest& request,
                                                   const KeyRing::Keys& keys) {
  const Time now = clock_.Now();
  const auto secret = PresentedSecret(request.headers);
  const ApiKey* known = secret ? FindApiKey(*keys.list, *secret) : nullptr;
  if (known != nullptr) return AdmitOwner(*known, now);
  const ApiKey* by_cookie = secret ? nullptr : KeyOfCookie(request, keys);
  if (by_cookie != nullptr) {
    if (auto problem = CheckCallOfPage(request)) return *std::move(problem);
    return AdmitOwner(*by_cookie, now);
  }
  const std::string address = AddressGroup(request.remote_address);
  if (auto problem = Count(address, now)) return *std::move(problem);
  if (!secret) {
    // Not counted as a failed attempt: browsers send cookies by themselves, and signatures cannot
    // be guessed.
    if (!PresentedCookie(request.headers)) return Unauthorized("this server requires an API key");
    return keys.trouble.empty() ? Unauthorized("the sign-in is no longer valid; sign in again")
                                : KeysUnreadable();
  }
  return AdmitUnknown(request, *secret, now);
}

// The lock-out is checked first, so that a guesser cannot make us query the store.
std::variant<Caller, Problem> Access::AdmitUnknown(const HttpRequest& request,
                                                   std::string_view secret, Time now) {
  const std::string address = AddressGroup(request.remote_address);
  if (auto problem = CheckLockOut(address, now)) return *std::move(problem);
  const KeyRing::Keys newest = ring_.LookAgain();
  if (const ApiKey* added = FindApiKey(*newest.list, secret)) return CallerOf(*added);
  // It is unknown whether the key is right, so this does not count against the address.
  if (!newest.trouble.empty()) return KeysUnreadable();
  return RefuseKey(request, address, now);
}

const ApiKey* Access::KeyOfCookie(const HttpRequest& request, const KeyRing::Keys& keys) const {
  const auto cookie = PresentedCookie(request.headers);
  return cookie ? FindCookieKey(*keys.list, *cookie, clock_.Now()) : nullptr;
}

std::variant<Access::SignedIn, Problem> Access::SignIn(const HttpRequest& request,
                                                       std::string_view secret) {
  const KeyRing::Keys keys = ring_.Look();
  if (!keys.in_force) {
    return Problem{409, "conflict", "this server does not use keys", "use it without signing in",
                   {},  {}};
  }
  if (auto problem = CheckOrigin(request)) return *std::move(problem);
  const Time now = clock_.Now();
  const ApiKey* known = FindApiKey(*keys.list, secret);
  auto admitted = known != nullptr ? CallerOf(*known) : AdmitUnknown(request, secret, now);
  if (auto* problem = std::get_if<Problem>(&admitted)) return std::move(*problem);
  Caller& caller = std::get<Caller>(admitted);
  std::string cookie =
      SignCookie({.name = caller.key_name, .sha256 = caller.key_sha256}, now + kSignInTime);
  return SignedIn{std::move(caller), std::move(cookie)};
}

std::optional<Problem> Access::CheckSignOut(const HttpRequest& request) const {
  if (PresentedCookie(request.headers)) return CheckCallOfPage(request);
  return CheckOrigin(request);
}

std::variant<Caller, Problem> Access::AdmitOwner(const ApiKey& key, Time now) {
  // An address cannot be mistaken for an owner: it has no '@'.
  if (auto problem = Count(key.owner, now)) return *std::move(problem);
  return CallerOf(key);
}

std::optional<Problem> Access::CheckLockOut(const std::string& address, Time now) {
  const auto left = lock_out_.LockedFor(address, now);
  if (!left) return std::nullopt;
  return TooMany("too many wrong API keys from this address",
                 fmt::format("check the key; LOCK_OUT_FAILURES is {}, LOCK_OUT_TIME is {} s",
                             options_.lock_out.max_failures, options_.lock_out.time.count()),
                 *left);
}

Problem Access::RefuseKey(const HttpRequest& request, const std::string& address, Time now) {
  const bool locked = lock_out_.NoteFailure(address, now) == LockOut::Then::kIsLockedOut;
  Log(LogLevel::kWarning, locked ? "an address is locked out" : "a wrong API key",
      {{"address", request.remote_address}});
  return Unauthorized("the API key is not valid");
}

std::optional<Problem> Access::Count(const std::string& whom, Time now) {
  const auto wait = rate_.Take(whom, now);
  if (!wait) return std::nullopt;
  return TooMany(fmt::format("more than {} requests per second", options_.max_requests_per_second),
                 "use ?wait= or /events instead of polling; the setting is MAX_REQUESTS_PER_SECOND",
                 *wait);
}

}  // namespace gnosis
