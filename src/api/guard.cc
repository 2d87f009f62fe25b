#include "api/guard.h"

#include <algorithm>
#include <string>

#include "api/header_values.h"
#include "api/reply.h"

namespace gnosis {
namespace {

struct HostPort {
  std::string_view host;
  std::string_view port;  // "" = the scheme's
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

bool IsLoopbackAddress(std::string_view host) {
  int numbers = 0;
  while (true) {
    const size_t dot = host.find('.');
    const auto number = ParseNumber(host.substr(0, dot));
    if (!number || *number > 255 || (numbers == 0 && *number != 127)) return false;
    ++numbers;
    if (dot == std::string_view::npos) return numbers == 4;
    host.remove_prefix(dot + 1);
  }
}

bool ChangesNothing(std::string_view method) {
  return method == "GET" || method == "HEAD" || method == "OPTIONS";
}

Problem HostNotAllowed() {
  return {403,
          "host_not_allowed",
          "this server answers only to the names of its own machine",
          "call it as localhost, 127.0.0.1 or [::1]",
          {},
          {}};
}

Problem OriginNotAllowed() {
  return {403,
          "origin_not_allowed",
          "a page of another site may not change anything here",
          "call the API from a program, or from a page that this server delivered",
          {},
          {}};
}

// A client of HTTP/1.0 may leave Host out; no browser does. Two of them are a trick.
bool HasLoopbackHost(const HttpRequest& request) {
  const auto& fields = request.headers.all();
  const auto hosts = std::count_if(fields.begin(), fields.end(), [](const auto& field) {
    return EqualsIgnoreCase(field.first, "Host");
  });
  if (hosts == 0) return request.http_1_0;
  return hosts == 1 && IsLoopbackHost(*request.headers.Get("Host"));
}

bool ComesFromElsewhere(const HttpRequest& request) {
  const auto site = request.headers.Get("Sec-Fetch-Site");
  if (site && *site != "same-origin" && *site != "none") return true;
  const auto origin = request.headers.Get("Origin");
  return origin && !IsSameOrigin(*origin, request.headers.Get("Host").value_or(""));
}

}  // namespace

bool IsLoopbackHost(std::string_view host) {
  const auto split = SplitHost(host);
  if (!split) return false;
  return EqualsIgnoreCase(split->host, "localhost") || split->host == "[::1]" ||
         IsLoopbackAddress(split->host);
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

std::optional<Problem> CheckCaller(const HttpRequest& request) {
  if (!HasLoopbackHost(request)) return HostNotAllowed();
  if (!ChangesNothing(request.method) && ComesFromElsewhere(request)) return OriginNotAllowed();
  return std::nullopt;
}

}  // namespace gnosis
