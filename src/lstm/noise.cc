#include "lstm/noise.h"

#include <random>

#include "lstm/activation.h"

namespace gnosis {
namespace {

// Tesseract 5.0 to 5.5.0 uses this generator; earlier and later versions use another one, which
// changes the text of only one line in several hundred.
class Noise {
 public:
  explicit Noise(int64_t seed) : generator_(uint64_t(seed)) { generator_(); }

  void Draw(uint8_t& value) {
    const double loud = DrawUpTo(127);
    // Rounds like Tesseract.
    // NOLINTNEXTLINE(bugprone-incorrect-roundings)
    value = uint8_t(kZeroByte + (loud >= 0 ? int(loud + 0.5) : -int(-loud + 0.5)));
  }
  void Draw(float& value) { value = float(DrawUpTo(1)); }

 private:
  double DrawUpTo(double loudest) {
    return loudest * 2.0 * double(generator_()) / INT32_MAX - loudest;
  }

  std::minstd_rand generator_;
};

template <typename Value>
void FillWindow(const ColumnsOf<Value>& line, int x, int y, Noise& noise, WindowOf<Value>& window) {
  for (int dx = -1; dx <= 1; ++dx) {
    for (int dy = -1; dy <= 1; ++dy) {
      Value& value = window[size_t(kWindowStep) * size_t(dx + 1) + size_t(dy + 1)];
      if (x + dx >= 0 && x + dx < line.width && y + dy >= 0 && y + dy < line.height) {
        value = line.column(x + dx)[y + dy];
      } else {
        noise.Draw(value);
      }
    }
  }
}

}  // namespace

// The draws are in Tesseract's order: rows from the top, each from the left.
template <typename Value>
EdgeWindows<Value>::EdgeWindows(const ColumnsOf<Value>& line, int64_t seed)
    : width_(line.width), height_(line.height), windows_(2 * size_t(width_ + height_)) {
  Noise noise(seed);
  for (int y = 0; y < height_; ++y) {
    const bool whole_row = y == 0 || y == height_ - 1;
    const int step = whole_row || width_ == 1 ? 1 : width_ - 1;
    for (int x = 0; x < width_; x += step) {
      FillWindow(line, x, y, noise, windows_[IndexOf(x, y)]);
    }
  }
}

template <typename Value>
size_t EdgeWindows<Value>::IndexOf(int x, int y) const {
  if (y == 0) return size_t(x);
  if (y == height_ - 1) return size_t(width_) + size_t(x);
  return 2 * size_t(width_) + (x == 0 ? 0 : size_t(height_)) + size_t(y);
}

template class EdgeWindows<uint8_t>;
template class EdgeWindows<float>;

}  // namespace gnosis
