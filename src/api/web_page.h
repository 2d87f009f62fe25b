// The web page: which requests are answered with a file of web/dist instead of by the API.
//
// "/" and the addresses of the page's screens return index.html to clients that prefer HTML to JSON
// (browsers); a file of the page is sent to everyone. No key is required: the page is where users
// enter one, and contains no user data.
#pragma once

#include <optional>

#include "api/web_assets.h"
#include "net/http.h"

namespace gnosis {

// Nothing: the request is not for the web page.
std::optional<HttpResponse> WebReply(const WebAssets& assets, const HttpRequest& request);

}  // namespace gnosis
