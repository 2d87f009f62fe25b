#include "door/guard.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>

#include "base/text.h"
#include "door/header_values.h"

namespace gnosis {
namespace {

struct HostPort {
  std::string_view host;
  std::string_view port;  // "" = the scheme's default
};

std::optional<HostPort> SplitHost(std::string_view text) {
  const size_t bracket = text.starts_with('[') ? text.find(']') : 0;
  if (bracket == std::string_view::npos) return std::nullopt;
  const size_t colon = text.find(':', bracket);
  if (colon == std::string_view::npos) return HostPort{text, ""};
  const HostPort split{text.substr(0, colon), text.substr(colon + 1)};
  const auto port = ParseNumber(split.port);
  if (!port || *port > 65535) return std::nullopt;
  return split;
}

// An IPv4 address, or the part of an IPv6 address inside the brackets.
bool IsNumericAddress(std::string_view host) {
  std::array<unsigned char, sizeof(in6_addr)> address;
  const bool v6 = host.starts_with('[') && host.ends_with(']');
  const std::string text(v6 ? host.substr(1, host.size() - 2) : host);
  return text.find('\0') == std::string::npos &&
         ::inet_pton(v6 ? AF_INET6 : AF_INET, text.c_str(), address.data()) == 1;
}

bool IsLoopbackAddress(std::string_view host) {
  return host.starts_with("127.") && IsNumericAddress(host);
}

// As written in a Host header.
bool IsOwnName(std::string_view host) {
  return EqualsIgnoreCase(host, "localhost") || host == "[::1]" || IsLoopbackAddress(host);
}

bool ChangesNothing(std::string_view method) {
  return method == "GET" || method == "HEAD" || method == "OPTIONS";
}

Problem HostNotAllowed() {
  return {
      403,
      "host_not_allowed",
      "the name in the Host header is not allowed",
      "use localhost, 127.0.0.1 or [::1] with the server's port, or add the name to ALLOWED_HOSTS",
      {},
      {}};
}

Problem OriginNotAllowed() {
  return {403,
          "origin_not_allowed",
          "pages of other sites may not make changes",
          "call the API from a program, or from a page served by this server",
          {},
          {}};
}

// An HTTP/1.0 client may omit Host; browsers never do. Two Host headers are an attack.
bool HasAllowedHost(const HostRules& rules, const HttpRequest& request) {
  const auto& fields = request.headers.all();
  const auto hosts = std::count_if(fields.begin(), fields.end(), [](const auto& field) {
    return EqualsIgnoreCase(field.first, "Host");
  });
  if (hosts == 0) return request.http_1_0;
  return hosts == 1 && IsAllowedHost(rules, *request.headers.Get("Host"), request.local_port);
}

// "ocr.lan" allows every port, "ocr.lan:8080" only that one.
bool Allows(std::string_view allowed, const HostPort& split) {
  const auto rule = SplitHost(allowed);
  if (!rule || rule->host.empty() || !EqualsIgnoreCase(rule->host, split.host)) return false;
  return rule->port.empty() || rule->port == split.port;
}

bool ComesFromElsewhere(const HttpRequest& request) {
  const auto site = request.headers.Get("Sec-Fetch-Site");
  if (site && *site != "same-origin" && *site != "none") return true;
  const auto origin = request.headers.Get("Origin");
  return origin && !IsSameOrigin(*origin, request.headers.Get("Host").value_or(""));
}

}  // namespace

bool IsLoopbackName(std::string_view name) { return name == "::1" || IsOwnName(name); }

bool IsAllowedHost(const HostRules& rules, std::string_view host, uint16_t our_port) {
  const auto split = SplitHost(host);
  if (!split) return false;
  const bool our_port_or_none = split->port.empty() || split->port == fmt::to_string(our_port);
  if (IsOwnName(split->host) && our_port_or_none) return true;
  if (rules.exposure == Exposure::kNetwork && IsNumericAddress(split->host)) return true;
  return std::any_of(rules.allowed_hosts.begin(), rules.allowed_hosts.end(),
                     [&](const std::string& allowed) { return Allows(allowed, *split); });
}

bool IsSameOrigin(std::string_view origin, std::string_view host) {
  const size_t end_of_scheme = origin.find("://");
  if (end_of_scheme == std::string_view::npos) return false;
  const std::string_view scheme = origin.substr(0, end_of_scheme);
  if (scheme != "http" && scheme != "https") return false;
  const std::string_view default_port = scheme == "http" ? "80" : "443";
  const auto theirs = SplitHost(origin.substr(end_of_scheme + 3));
  const auto ours = SplitHost(host);
  if (!theirs || !ours || ours->host.empty()) return false;
  const auto port = [&](const HostPort& split) {
    return split.port.empty() ? default_port : split.port;
  };
  return EqualsIgnoreCase(theirs->host, ours->host) && port(*theirs) == port(*ours);
}

std::optional<Problem> CheckHostAndOrigin(const HostRules& rules, const HttpRequest& request) {
  if (!HasAllowedHost(rules, request)) return HostNotAllowed();
  return CheckOrigin(request);
}

std::optional<Problem> CheckOrigin(const HttpRequest& request) {
  if (!ChangesNothing(request.method) && ComesFromElsewhere(request)) return OriginNotAllowed();
  return std::nullopt;
}

std::optional<Problem> CheckCallOfPage(const HttpRequest& request) {
  if (ChangesNothing(request.method)) return std::nullopt;
  if (auto problem = CheckOrigin(request)) return problem;
  if (request.headers.Get("X-Gnosis-Request") == "1") return std::nullopt;
  return Problem{403,
                 "csrf",
                 "the request has a cookie but no X-Gnosis-Request header",
                 "send \"X-Gnosis-Request: 1\", or an API key instead of the cookie",
                 {},
                 {}};
}

}  // namespace gnosis
