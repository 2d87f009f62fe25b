// A grey picture of one line of text, from the page to what the network takes.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"

namespace gnosis {

// Rows from the top, no padding; 0 is black.
struct GrayImage {
  int width = 0;
  int height = 0;
  std::vector<uint8_t> pixels;

  const uint8_t* row(int y) const { return pixels.data() + size_t(y) * size_t(width); }
  uint8_t* row(int y) { return pixels.data() + size_t(y) * size_t(width); }
};

// To `height` rows, the width in proportion, pixel for pixel as leptonica's pixScale does it, which
// the models were trained with. The image must not be empty.
GrayImage ScaleToHeight(const GrayImage& line, int height);

enum class Polarity { kAsIs, kInverted };

// Pixels as a network takes them, column after column from the left, each from the top. So many
// values follow the last column that a group of four may be read anywhere.
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
// They become -1 and 1; what is beyond them stays beyond.
FloatColumns NormaliseLineToFloats(const GrayImage& scaled, Polarity polarity);

}  // namespace gnosis
