// A grey image of one line of text, converted from the page to the input of the network.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"

namespace gnosis {

// Rows from the top, without padding; 0 is black.
struct GrayImage {
  int width = 0;
  int height = 0;
  std::vector<uint8_t> pixels;

  const uint8_t* row(int y) const { return pixels.data() + size_t(y) * size_t(width); }
  uint8_t* row(int y) { return pixels.data() + size_t(y) * size_t(width); }
};

// Scales to `height` rows, keeping the aspect ratio, with the same pixels as leptonica's pixScale,
// which the models were trained with. The image must not be empty.
GrayImage ScaleToHeight(const GrayImage& line, int height);

enum class Polarity { kAsIs, kInverted };

// Pixels as input of a network, column by column from the left, each from the top. The last column
// is padded so that a group of four can be read at any position.
template <typename Value>
struct ColumnsOf {
  int width = 0;
  int height = 0;
  std::vector<Value> values;

  const Value* column(int x) const { return values.data() + size_t(x) * size_t(height); }
};
using LineColumns = ColumnsOf<uint8_t>;
using FloatColumns = ColumnsOf<float>;
// The line's own black and white, estimated from its middle row, become 1 and 255.
LineColumns NormaliseLine(const GrayImage& scaled, Polarity polarity);
// They become -1 and 1; darker and lighter pixels are not clamped.
FloatColumns NormaliseLineToFloats(const GrayImage& scaled, Polarity polarity);

}  // namespace gnosis
