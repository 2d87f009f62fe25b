#include "api/routes.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>

#include "api/handlers.h"
#include "door/header_values.h"

namespace gnosis {
namespace {

// Matching "{page}.txt" with "3.txt" sets page to "3".
bool MatchPart(std::string_view pattern, const std::string& part, PathParameters& parameters) {
  if (!pattern.starts_with('{')) return pattern == part;
  const size_t brace = pattern.find('}');
  const std::string_view rest = pattern.substr(brace + 1);
  if (part.size() <= rest.size() || !part.ends_with(rest)) return false;
  parameters[std::string(pattern.substr(1, brace - 1))] = part.substr(0, part.size() - rest.size());
  return true;
}

std::optional<PathParameters> MatchPattern(std::string_view pattern,
                                           const std::vector<std::string>& segments) {
  const auto parts = SplitList(pattern, '/');
  if (parts.size() != segments.size()) return std::nullopt;
  PathParameters parameters;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (!MatchPart(parts[i], segments[i], parameters)) return std::nullopt;
  }
  return parameters;
}

}  // namespace

const std::vector<Route>& Routes() {
  static const std::vector<Route> routes = {
      {"GET", "/", &ShowIndex},
      {"POST", "/api/v1/jobs", &StartSubmit},
      {"POST", "/api/v1/jobs/submit", &StartSubmit},
      {"GET", "/api/v1/jobs", &ListJobs},
      {"GET", "/api/v1/jobs/{id}", &StartJobView},
      {"DELETE", "/api/v1/jobs/{id}", &DeleteJob},
      {"GET", "/api/v1/jobs/{id}/status", &StartJobView},
      {"GET", "/api/v1/jobs/{id}/events", &StreamEvents},
      {"GET", "/api/v1/jobs/{id}/pages", &ListPages},
      {"GET", "/api/v1/jobs/{id}/pages/{page}.txt", &PageAsText},
      {"GET", "/api/v1/jobs/{id}/pages/{page}.json", &PageAsJson},
      {"GET", "/api/v1/jobs/{id}/pages/{page}.hocr", &PageAsHocr},
      {"GET", "/api/v1/jobs/{id}/pages/{page}.png", &PageAsPng},
      {"GET", "/api/v1/jobs/{id}/pages/{page}.jpg", &PageAsJpeg},
      {"GET", "/api/v1/jobs/{id}/pages/{page}", &ViewPage},
      {"GET", "/api/v1/jobs/{id}/result", &GetResult},
      {"POST", "/api/v1/jobs/{id}/retry", &StartRetry},
      {"POST", "/api/v1/jobs/{id}/cancel", &CancelJob},
      {"POST", "/api/v1/uploads", &StartUpload},
      {"GET", "/api/v1/uploads/{id}", &ShowUpload},
      {"PATCH", "/api/v1/uploads/{id}", &ContinueUpload},
      {"DELETE", "/api/v1/uploads/{id}", &DeleteUpload},
      {"GET", "/api/v1/session", &ShowSignIn},
      {"POST", "/api/v1/session", &SignIn},
      {"DELETE", "/api/v1/session", &SignOut},
      {"GET", "/api/v1/languages", &ListLanguages},
      {"GET", "/api/v1/engines", &ListEngines},
      {"GET", "/api/v1/limits", &ListLimits},
      {"GET", "/livez", &CheckLive},
      {"GET", "/readyz", &CheckReady},
      {"GET", "/metrics", &ShowMetrics},
      {"GET", "/openapi.json", &ShowOpenApi},
  };
  return routes;
}

RouteMatch FindRoute(std::string_view method, const std::vector<std::string>& segments) {
  const std::string_view wanted = method == "HEAD" ? "GET" : method;
  // The path "/" has no segments, however it was split.
  const bool root = segments.size() == 1 && segments[0].empty();
  RouteMatch match;
  for (const Route& route : Routes()) {
    auto parameters = MatchPattern(route.pattern, root ? std::vector<std::string>() : segments);
    if (!parameters) continue;
    match.allowed.push_back(route.method);
    if (match.route != nullptr || route.method != wanted) continue;
    match.route = &route;
    match.parameters = *std::move(parameters);
  }
  return match;
}

std::string AllowHeader(const RouteMatch& match) {
  std::vector<std::string_view> methods = match.allowed;
  methods.push_back("OPTIONS");
  if (std::find(methods.begin(), methods.end(), "GET") != methods.end()) methods.push_back("HEAD");
  std::sort(methods.begin(), methods.end());
  methods.erase(std::unique(methods.begin(), methods.end()), methods.end());
  return fmt::format("{}", fmt::join(methods, ", "));
}

}  // namespace gnosis
