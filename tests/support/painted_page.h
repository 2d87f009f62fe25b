// For tests: a page of rectangles that stand like letters.
#pragma once

#include <string_view>
#include <vector>

#include "page/page_text.h"
#include "page/raster.h"

namespace gnosis {

class PaintedPage {
 public:
  static constexpr int kXHeight = 20;  // tall letters have half as much again, tails as well
  static constexpr int kPitch = 50;    // a usual distance of lines

  PaintedPage(int width, int height) {
    raster_.width = width;
    raster_.height = height;
    raster_.dpi = 300;
    raster_.pixels.assign(size_t(width) * size_t(height), 250);
  }

  void Fill(const Box& box) {
    for (int y = box.top; y < box.bottom; ++y) {
      for (int x = box.left; x < box.right; ++x) raster_.row(y)[x] = 10;
    }
  }

  // x, l and p are a small letter, a tall one and one with a tail; '.' a full stop, ',' a comma.
  // `drop`: pixels by which the line sinks in a thousand. Returns where the line ends.
  int Write(int left, int baseline, std::string_view letters, int drop = 0) {
    const int begin = left;
    for (const char letter : letters) {
      const int y = baseline + (left - begin) * drop / 1000;
      switch (letter) {
        case 'x':
          Fill({left, y - kXHeight, left + 14, y});
          break;
        case 'l':
          Fill({left, y - kXHeight * 3 / 2, left + 14, y});
          break;
        case 'p':
          Fill({left, y - kXHeight, left + 14, y + kXHeight / 2});
          break;
        case '.':
          Fill({left, y - 5, left + 5, y});
          break;
        case ',':
          Fill({left, y - 5, left + 5, y + 8});
          break;
        default:
          break;
      }
      left += 18;
    }
    return left - 4;
  }

  const Raster& raster() const { return raster_; }

 private:
  Raster raster_;
};

// 27 letters and 4 blanks.
inline constexpr std::string_view kPaintedLine = "xlxpx xxlxxx lxxpxx xlx xxpxlxx";
inline constexpr int kPaintedLineWidth = 31 * 18 - 4;

}  // namespace gnosis
