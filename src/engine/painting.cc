#include "engine/painting.h"

#include <algorithm>
#include <vector>

namespace gnosis {
namespace {

constexpr size_t kPaperStep = 7;  // one pixel of so many tells the colour of the paper

Box WithinPage(const Raster& page, const Box& box) {
  return Intersection(box, {0, 0, page.width, page.height});
}

}  // namespace

Box Grown(const Box& box, int by) {
  return {box.left - by, box.top - by, box.right + by, box.bottom + by};
}

void Fill(Raster& page, const Box& box, uint8_t value) {
  const Box inside = WithinPage(page, box);
  for (int y = inside.top; y < inside.bottom; ++y) {
    std::fill(page.row(y) + inside.left, page.row(y) + inside.right, value);
  }
}

void Invert(Raster& page, const Box& box) {
  const Box inside = WithinPage(page, box);
  for (int y = inside.top; y < inside.bottom; ++y) {
    std::transform(page.row(y) + inside.left, page.row(y) + inside.right, page.row(y) + inside.left,
                   [](uint8_t pixel) { return uint8_t(255 - pixel); });
  }
}

void Copy(const Raster& from, const Box& box, Raster& to) {
  const Box inside = WithinPage(to, box);
  for (int y = inside.top; y < inside.bottom; ++y) {
    std::copy(from.row(y) + inside.left, from.row(y) + inside.right, to.row(y) + inside.left);
  }
}

uint8_t PaperOf(const Raster& gray, int threshold) {
  std::vector<int> counts(256);
  for (size_t i = 0; i < gray.pixels.size(); i += kPaperStep) ++counts[gray.pixels[i]];
  return uint8_t(std::max_element(counts.begin() + threshold + 1, counts.end()) - counts.begin());
}

}  // namespace gnosis
