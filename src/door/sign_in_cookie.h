// The cookie that a browser holds instead of an API key.
//
// The life of a session: POST /session with a key makes a cookie; it opens what the key opens until
// it expires, the key is revoked, or DELETE /session takes it back from the browser. Nothing is
// stored: the cookie says the key's name and when it expires, under an HMAC-SHA-256 whose secret is
// the key's stored hash. So it outlives a restart, holds on every server that knows the key, and
// ends at once with the key (also when another one gets its name).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "door/api_keys.h"
#include "net/http.h"

namespace gnosis {

inline constexpr std::string_view kSignInCookie = "gnosis_session";
inline constexpr Seconds kSignInTime{30 * 24 * 3600};

// "laptop.1767323045.9f86...": the value of the cookie.
std::string SignCookie(const ApiKey& key, Time expires_at);
// The key that signed `value`; nullptr when none of these did, or it has expired.
const ApiKey* FindCookieKey(const std::vector<ApiKey>& keys, std::string_view value, Time now);

// The cookie's value in the header Cookie; nothing when it is not there.
std::optional<std::string> PresentedCookie(const HttpHeaders& headers);

// kHttps: the browser is told never to send it in the clear.
enum class Transport { kHttp, kHttps };
// How the browser reaches this server, perhaps through a proxy: what its Origin says, or the
// proxy's X-Forwarded-Proto. Who lies about it only loses the own cookie.
Transport BrowsersTransport(const HttpHeaders& headers);
// For Set-Cookie. An empty value takes the cookie back.
std::string SignInCookieHeader(std::string_view value, Transport transport);

}  // namespace gnosis
