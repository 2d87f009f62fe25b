// All paths of this server: method, pattern, handler. openapi.cc describes the same table.
//
// "{id}" in a pattern represents one segment of a path; text after it in the segment must match
// ("{page}.txt"). The first matching route wins.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "api/call.h"

namespace gnosis {

struct Route {
  std::string_view method;
  std::string_view pattern;
  std::variant<PlainHandler, StartHandler> handler;
};
const std::vector<Route>& Routes();

struct RouteMatch {
  const Route* route = nullptr;  // nullptr: no route, or not with this method
  PathParameters parameters;
  std::vector<std::string_view> allowed;  // the methods of this path; {} = no such path
};
// HEAD uses the route of GET.
RouteMatch FindRoute(std::string_view method, const std::vector<std::string>& segments);
// "GET, HEAD, OPTIONS, POST": for the Allow header.
std::string AllowHeader(const RouteMatch& match);

}  // namespace gnosis
