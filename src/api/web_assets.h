// The files of the web page, as they were built into the program (cmake/EmbedWeb.cmake).
//
// The life of an asset: made by the build of web/ as a file of web/dist, packed by gzip where that
// is smaller, put into the program's read-only data, sent from there. A program that was built
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
  std::string_view gzip;  // the same bytes packed; "" when that would not be smaller
};

class WebAssets {
 public:
  // What the views point to must outlive them.
  explicit WebAssets(const std::vector<WebAsset>& assets);
  // nullptr: there is no such file.
  const WebAsset* Find(std::string_view path) const;

 private:
  std::map<std::string, WebAsset, std::less<>> assets_;
};

// Of this program; empty without a page. Generated.
std::vector<WebAsset> EmbeddedWebAssets();

// By the ending of the path; "application/octet-stream" when it says nothing.
std::string_view WebContentType(std::string_view path);

}  // namespace gnosis
