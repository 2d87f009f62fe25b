#include "lstm/noise.h"

#include <cstring>
#include <random>

namespace gnosis {
namespace {

constexpr double kLoudest = 127;

// Tesseract 5.0 to 5.5.0 draws from this generator; others before and after from another one, with
// no effect on the text but for one line in some hundreds.
class Noise {
 public:
  explicit Noise(int64_t seed) : generator_(uint64_t(seed)) { generator_(); }

  int8_t Draw() {
    const double value = kLoudest * 2.0 * double(generator_()) / INT32_MAX - kLoudest;
    return int8_t(value >= 0 ? int(value + 0.5) : -int(-value + 0.5));
  }

 private:
  std::minstd_rand generator_;
};

void FillWindow(const LineColumns& line, int x, int y, Noise& noise, EdgeWindows::Window& window) {
  for (int dx = -1; dx <= 1; ++dx) {
    int8_t bytes[4] = {};
    for (int dy = -1; dy <= 1; ++dy) {
      const bool inside = x + dx >= 0 && x + dx < line.width && y + dy >= 0 && y + dy < line.height;
      bytes[dy + 1] = inside ? line.column(x + dx)[y + dy] : noise.Draw();
    }
    std::memcpy(&window[dx + 1], bytes, sizeof(bytes));
  }
}

}  // namespace

// The order of the draws is Tesseract's: rows from above, each from the left.
EdgeWindows::EdgeWindows(const LineColumns& line, int64_t seed)
    : width_(line.width), height_(line.height), windows_(2 * size_t(width_ + height_)) {
  Noise noise(seed);
  for (int y = 0; y < height_; ++y) {
    const bool whole_row = y == 0 || y == height_ - 1;
    const int step = whole_row || width_ == 1 ? 1 : width_ - 1;
    for (int x = 0; x < width_; x += step) {
      FillWindow(line, x, y, noise, windows_[IndexOf(x, y)].words);
    }
  }
}

size_t EdgeWindows::IndexOf(int x, int y) const {
  if (y == 0) return size_t(x);
  if (y == height_ - 1) return size_t(width_ + x);
  return size_t(2 * width_ + (x == 0 ? 0 : height_) + y);
}

const EdgeWindows::Window& EdgeWindows::at(int x, int y) const {
  return windows_[IndexOf(x, y)].words;
}

}  // namespace gnosis
