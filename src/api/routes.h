// Every path this server answers to: method, pattern, function. openapi.cc describes the same
// table.
//
// "{id}" in a pattern stands for one part of a path; what follows it in the part must be there
// ("{page}.txt"). The first route that fits wins.
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
  const Route* route = nullptr;  // nullptr: no route, or none with this method
  PathParameters parameters;
  std::vector<std::string_view> allowed;  // the methods that this path has; {} = no such path
};
// HEAD takes the route of GET.
RouteMatch FindRoute(std::string_view method, const std::vector<std::string>& segments);
// "GET, HEAD, OPTIONS, POST": for the Allow header.
std::string AllowHeader(const RouteMatch& match);

}  // namespace gnosis
