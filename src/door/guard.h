// The host names under which a server without accounts may be called, and the origins that may call
// it.
//
// Such a server trusts every program that reaches it, but no web page: the Host header must be one
// of its own names (against DNS rebinding), and calls that change something must not come from
// another site's page (against cross-site requests). If keys are in force, neither is checked: a
// page of another site cannot send a key that it does not have. Browsers, however, send cookies by
// themselves: a call with a cookie must come from our own page, which proves this by a header that
// no form and no other site's script can send.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "door/problem.h"
#include "net/http.h"

namespace gnosis {

// Who can reach the server.
enum class Exposure { kLoopback, kNetwork };

// "localhost", an address in 127.0.0.0/8 or "::1", without a port.
bool IsLoopbackName(std::string_view name);

struct HostRules {
  Exposure exposure = Exposure::kLoopback;
  std::vector<std::string> allowed_hosts;  // ALLOWED_HOSTS: "ocr.lan" (any port), "ocr.lan:8080"
};
// A loopback name with our port or none; on a network also any numeric address, to which DNS
// rebinding cannot apply; or an allowed host.
bool IsAllowedHost(const HostRules& rules, std::string_view host, uint16_t our_port);
// Whether a page with this `origin` ("http://localhost:7799") comes from this server.
bool IsSameOrigin(std::string_view origin, std::string_view host);

// 403 host_not_allowed, origin_not_allowed; nothing if the call is allowed.
std::optional<Problem> CheckHostAndOrigin(const HostRules& rules, const HttpRequest& request);
// 403 origin_not_allowed: another site's page tries to change something.
std::optional<Problem> CheckOrigin(const HttpRequest& request);
// For calls authenticated by a cookie. 403 origin_not_allowed; 403 csrf: a call that changes
// something without "X-Gnosis-Request: 1".
std::optional<Problem> CheckCallOfPage(const HttpRequest& request);

}  // namespace gnosis
