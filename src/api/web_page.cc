#include "api/web_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "api/reply.h"
#include "base/text.h"
#include "door/header_values.h"

namespace gnosis {
namespace {

constexpr std::string_view kIndex = "index.html";
// Only our own scripts, styles, fonts and connections; images also from the page's own memory.
constexpr std::string_view kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "connect-src 'self'; font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action "
    "'none'; frame-ancestors 'none'";

// The screens of the page; the page itself decides which one to show.
bool IsScreen(const std::vector<std::string>& segments) {
  const size_t size = segments.size();
  if (size == 1) return segments[0].empty() || segments[0] == "docs" || segments[0] == "login";
  if (segments[0] != "jobs" || segments[1].empty()) return false;
  return size == 2 || (size == 4 && segments[2] == "pages" && !segments[3].empty());
}

// curl and programs accept anything, or JSON; a browser that navigates explicitly accepts HTML.
bool WantsHtml(const HttpRequest& request) {
  const std::string accept = request.headers.Get("Accept").value_or("");
  return AcceptQuality(accept, "text/html") > AcceptQuality(accept, "application/json");
}

bool TakesGzip(const HttpRequest& request) {
  const std::string header = request.headers.Get("Accept-Encoding").value_or("");
  const auto codings = SplitList(header);
  return std::any_of(codings.begin(), codings.end(), [](std::string_view coding) {
    const size_t semicolon = coding.find(';');
    if (!EqualsIgnoreCase(Trim(coding.substr(0, semicolon)), "gzip")) return false;
    if (semicolon == std::string_view::npos) return true;
    const std::string_view weight = Trim(coding.substr(semicolon + 1));
    return !(weight.starts_with("q=0") && weight.find_first_of("123456789") == weight.npos);
  });
}

HttpResponse Send(const WebAsset& asset, const HttpRequest& request) {
  const bool packed = !asset.gzip.empty() && TakesGzip(request);
  HttpResponse response{200, {}, SharedBytes{packed ? asset.gzip : asset.bytes}};
  response.headers.Set("Content-Type", std::string(WebContentType(asset.path)));
  const std::string tag =
      fmt::format("\"{}{}\"", asset.sha256.substr(0, 32), packed ? "-gzip" : "");
  response = WithTag(request, tag, std::move(response));
  if (packed && response.status == 200) response.headers.Set("Content-Encoding", "gzip");
  // The build names files in assets/ after their content.
  const bool immutable = asset.path.starts_with("assets/");
  response.headers.Set("Cache-Control",
                       immutable ? "public, max-age=31536000, immutable" : "no-cache");
  response.headers.Set("Content-Security-Policy", std::string(kPolicy));
  response.headers.Set("Vary",
                       asset.path == kIndex ? "Accept, Accept-Encoding" : "Accept-Encoding");
  return response;
}

}  // namespace

std::optional<HttpResponse> WebReply(const WebAssets& assets, const HttpRequest& request) {
  if (request.method != "GET" && request.method != "HEAD") return std::nullopt;
  if (const WebAsset* asset = assets.Find(std::string_view(request.path).substr(1))) {
    return Send(*asset, request);
  }
  const WebAsset* index = assets.Find(kIndex);
  if (index == nullptr || !IsScreen(request.segments) || !WantsHtml(request)) return std::nullopt;
  return Send(*index, request);
}

}  // namespace gnosis
