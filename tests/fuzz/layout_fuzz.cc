// Any ink on a page: an answer, whatever the extent, and regions on the page that have something in
// them; rules and leaders are found. Of every four bytes a rectangle: left and top in threes of a
// pixel, width and height.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/result.h"
#include "layout/find_layout.h"
#include "layout/leaders.h"
#include "layout/rules.h"
#include "support/painted_page.h"

namespace {

constexpr int kSide = 768;

void Check(const gnosis::PageLayout& layout) {
  for (const auto& block : layout.blocks) {
    for (const auto& paragraph : block.paragraphs) {
      for (const auto& line : paragraph.lines) {
        for (const auto& region : line.regions) {
          const gnosis::Box& crop = region.crop;
          GNOSIS_CHECK(crop.left >= 0 && crop.top >= 0 && crop.right <= kSide &&
                       crop.bottom <= kSide);
          GNOSIS_CHECK(crop.left < crop.right && crop.top < crop.bottom && !region.blobs.empty());
        }
      }
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  gnosis::PaintedPage page(kSide, kSide);
  for (; size >= 4; data += 4, size -= 4) {
    const int left = data[0] * 3, top = data[1] * 3;
    page.Fill({left, top, std::min(kSide, left + 1 + data[2]), std::min(kSide, top + 1 + data[3])});
  }
  const gnosis::PageInk ink = gnosis::FindPageInk(page.raster());
  using gnosis::Extent;
  for (const Extent extent : {Extent::kPage, Extent::kRest, Extent::kLittleRest}) {
    const auto layout = gnosis::FindLayout(page.raster(), ink, extent);
    if (layout.ok()) Check(*layout);
  }
  GNOSIS_CHECK(ink.pieces.has_value());
  GNOSIS_CHECK(gnosis::FindLeaderDots(*ink.pieces).size() <= ink.pieces->size());
  gnosis::Raster without_rules = page.raster();
  gnosis::EraseRules(without_rules, ink.threshold, {.shortest = 40, .thickest = 6}, 250);
  for (size_t i = 0; i < without_rules.pixels.size(); ++i) {
    GNOSIS_CHECK(without_rules.pixels[i] >= page.raster().pixels[i]);
  }
  return 0;
}
