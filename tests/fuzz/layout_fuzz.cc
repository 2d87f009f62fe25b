// Any ink on a page: an answer, and regions on the page that have something in them. Of every four
// bytes a rectangle: left and top in threes of a pixel, width and height.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/result.h"
#include "layout/find_layout.h"
#include "support/painted_page.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr int kSide = 768;
  gnosis::PaintedPage page(kSide, kSide);
  for (; size >= 4; data += 4, size -= 4) {
    const int left = data[0] * 3, top = data[1] * 3;
    page.Fill({left, top, std::min(kSide, left + 1 + data[2]), std::min(kSide, top + 1 + data[3])});
  }
  const auto layout = gnosis::FindLayout(page.raster());
  if (!layout.ok()) return 0;
  for (const auto& block : layout->blocks) {
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
  return 0;
}
