// The cookie that a browser uses instead of an API key.
//
// Lifecycle: POST /session with a key creates a cookie; it grants what the key grants until it
// expires, the key is revoked, or DELETE /session removes it from the browser. Nothing is stored:
// the cookie contains the key's name and its own expiry time, with an HMAC-SHA-256 whose secret is
// the key's stored hash. So it survives a restart, is valid on every server that knows the key, and
// becomes invalid with the key (even if a new key gets the same name).
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
// The key that signed `value`; nullptr if none of these did, or the cookie has expired.
const ApiKey* FindCookieKey(const std::vector<ApiKey>& keys, std::string_view value, Time now);

// The cookie's value in the Cookie header; nothing if it is missing.
std::optional<std::string> PresentedCookie(const HttpHeaders& headers);

// kHttps: the browser is told to send the cookie only over HTTPS.
enum class Transport { kHttp, kHttps };
// How the browser reaches this server, perhaps through a proxy: according to its Origin or the
// proxy's X-Forwarded-Proto. A client that lies about it only loses its own cookie.
Transport BrowsersTransport(const HttpHeaders& headers);
// For Set-Cookie. An empty value removes the cookie.
std::string SignInCookieHeader(std::string_view value, Transport transport);

}  // namespace gnosis
