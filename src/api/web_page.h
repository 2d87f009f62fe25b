// The web page: which requests are answered with a file of web/dist instead of by the API.
//
// "/" and the addresses of the page's screens are index.html for whoever would rather have HTML
// than JSON (a browser that navigates); a file of the page is sent to everybody. No key is wanted:
// the page is where one is asked for, and holds nothing of anybody.
#pragma once

#include <optional>

#include "api/web_assets.h"
#include "net/http.h"

namespace gnosis {

// Nothing: the request is not for the page.
std::optional<HttpResponse> WebReply(const WebAssets& assets, const HttpRequest& request);

}  // namespace gnosis
