#include "api/web_assets.h"

#include <array>
#include <utility>

namespace gnosis {

WebAssets::WebAssets(const std::vector<WebAsset>& assets) {
  for (const WebAsset& asset : assets) assets_.emplace(std::string(asset.path), asset);
}

const WebAsset* WebAssets::Find(std::string_view path) const {
  const auto found = assets_.find(path);
  return found == assets_.end() ? nullptr : &found->second;
}

std::string_view WebContentType(std::string_view path) {
  using Type = std::pair<std::string_view, std::string_view>;
  constexpr std::array kTypes{
      Type{".html", "text/html; charset=utf-8"},
      Type{".js", "text/javascript; charset=utf-8"},
      Type{".css", "text/css; charset=utf-8"},
      Type{".json", "application/json"},
      Type{".webmanifest", "application/manifest+json"},
      Type{".svg", "image/svg+xml"},
      Type{".png", "image/png"},
      Type{".ico", "image/vnd.microsoft.icon"},
      Type{".webp", "image/webp"},
      Type{".woff2", "font/woff2"},
      Type{".txt", "text/plain; charset=utf-8"},
  };
  for (const auto& [ending, type] : kTypes) {
    if (path.ends_with(ending)) return type;
  }
  return "application/octet-stream";
}

}  // namespace gnosis
