// The files of the web page, compiled into the program (cmake/EmbedWeb.cmake).
//
// Lifecycle of an asset: generated in web/dist by the build of web/, compressed with gzip if that
// is smaller, embedded in the program's read-only data, served from there. A program that was built
// without web/dist has none.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace gnosis {

struct WebAsset {
  std::string_view path;    // within web/dist: "index.html", "assets/index-3f2a.js"
  std::string_view sha256;  // of `bytes`, hexadecimal
  std::string_view bytes;
  std::string_view gzip;  // the same bytes compressed; "" if that is not smaller
};

class WebAssets {
 public:
  // The data that the views refer to must outlive them.
  explicit WebAssets(const std::vector<WebAsset>& assets);
  // nullptr: no such file.
  const WebAsset* Find(std::string_view path) const;

 private:
  std::map<std::string, WebAsset, std::less<>> assets_;
};

// Those of this program; empty without a web page. Generated.
std::vector<WebAsset> EmbeddedWebAssets();

// By the path's extension; "application/octet-stream" if it is unknown.
std::string_view WebContentType(std::string_view path);

}  // namespace gnosis
