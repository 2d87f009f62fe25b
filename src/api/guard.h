// Who may call: a server on loopback without accounts trusts every program of this machine, but no
// web page. The Host header must name loopback (against DNS rebinding); calls that change something
// must not come from another site's page (against cross-site posts).
#pragma once

#include <optional>
#include <string_view>

#include "api/problem.h"
#include "net/http.h"

namespace gnosis {

// "localhost", an address in 127.0.0.0/8 or "[::1]", each with or without a port.
bool IsLoopbackHost(std::string_view host);
// `origin` ("http://localhost:7799") is where a page of this very server would come from.
bool IsSameOrigin(std::string_view origin, std::string_view host);

// 403 host_not_allowed, origin_not_allowed; nothing when the call may go on.
std::optional<Problem> CheckCaller(const HttpRequest& request);

}  // namespace gnosis
