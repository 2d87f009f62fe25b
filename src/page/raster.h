// Page images in memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace gnosis {

enum class PixelFormat { kGray8, kRgb8 };

// Rows from the top, pixels from the left, no padding: stride = width * (1 or 3). Grey 0 is black.
struct Raster {
  int width = 0;
  int height = 0;
  int dpi = 0;  // 0 = unknown
  PixelFormat format = PixelFormat::kGray8;
  std::vector<uint8_t> pixels;

  int channels() const { return format == PixelFormat::kGray8 ? 1 : 3; }
  const uint8_t* row(int y) const { return pixels.data() + size_t(y) * width * channels(); }
  uint8_t* row(int y) { return pixels.data() + size_t(y) * width * channels(); }
};

Raster ToGray(const Raster& image);                        // ITU-R BT.601 luma; grey is unchanged
Raster RotateClockwise(const Raster& image, int degrees);  // 0, 90, 180, 270
// Averages areas; never enlarges. The longer side becomes `longer_side` pixels.
Raster ShrinkTo(const Raster& image, int longer_side);

}  // namespace gnosis
