#include "layout/page_layout.h"

#include <algorithm>

namespace gnosis {
namespace {

constexpr int kCropPadding = 4;  // pixels on each side

}  // namespace

Box PadCrop(const Box& crop, int width, int height) {
  return {std::max(crop.left - kCropPadding, 0), std::max(crop.top - kCropPadding, 0),
          std::min(crop.right + kCropPadding, width), std::min(crop.bottom + kCropPadding, height)};
}

Box TurnBox(const Box& box, int quarter_turns, int width, int height) {
  switch (quarter_turns) {
    case 1:
      return {height - box.bottom, box.left, height - box.top, box.right};
    case 2:
      return {width - box.right, height - box.bottom, width - box.left, height - box.top};
    case 3:
      return {box.top, width - box.right, box.bottom, width - box.left};
    default:
      return box;
  }
}

Box TurnBack(const Box& box, int quarter_turns, const PageLayout& layout) {
  const bool on_side = quarter_turns % 2 == 1;
  return TurnBox(box, (4 - quarter_turns) % 4, on_side ? layout.height : layout.width,
                 on_side ? layout.width : layout.height);
}

}  // namespace gnosis
