// What cmake/EmbedWeb.cmake puts into a program is the folder, byte by byte.
#include "api/web_assets.h"

#include <gtest/gtest.h>
#include <stdio.h>

#include <filesystem>
#include <string>

#include "base/file.h"
#include "base/hash.h"

namespace gnosis {
namespace {

const std::filesystem::path kFolder(WEB_DIST);

std::string Unpacked(std::string_view gzip) {
  const TemporaryFolder folder;
  const std::string path = folder.path() / "packed.gz";
  FILE* file = ::fopen(path.c_str(), "wb");
  EXPECT_EQ(::fwrite(gzip.data(), 1, gzip.size(), file), gzip.size());
  ::fclose(file);
  FILE* pipe = ::popen(("gzip -dc " + path).c_str(), "r");
  std::string bytes;
  for (int c = ::fgetc(pipe); c != EOF; c = ::fgetc(pipe)) bytes += char(c);
  EXPECT_EQ(::pclose(pipe), 0);
  return bytes;
}

TEST(EmbeddedWebAssets, AreTheFilesOfTheFolder) {
  size_t files = 0;
  const WebAssets assets(EmbeddedWebAssets());
  for (const auto& entry : std::filesystem::recursive_directory_iterator(kFolder)) {
    if (!entry.is_regular_file()) continue;
    ++files;
    const std::string name = std::filesystem::relative(entry.path(), kFolder);
    const WebAsset* asset = assets.Find(name);
    ASSERT_NE(asset, nullptr) << name;
    EXPECT_EQ(asset->bytes, *ReadFile(entry.path())) << name;
    EXPECT_EQ(asset->sha256, Sha256Hex(asset->bytes)) << name;
  }
  EXPECT_EQ(files, 3u);
  EXPECT_EQ(EmbeddedWebAssets().size(), files);
}

TEST(EmbeddedWebAssets, ArePackedWhereThatIsSmaller) {
  const WebAssets assets(EmbeddedWebAssets());
  const WebAsset& page = *assets.Find("index.html");
  EXPECT_LT(page.gzip.size(), page.bytes.size());
  EXPECT_EQ(Unpacked(page.gzip), page.bytes);
  EXPECT_EQ(assets.Find("tiny.txt")->gzip, "");
}

}  // namespace
}  // namespace gnosis
