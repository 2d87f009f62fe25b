#include "lstm/line_image.h"

#include <algorithm>
#include <array>

#include "lstm/activation.h"

namespace gnosis {
namespace {

constexpr int kSpareValues = 4;
constexpr double kBlackShare = 0.25;  // of the local minima
constexpr double kWhiteShare = 0.75;  // of the local maxima

using Histogram = std::array<int, 256>;

// The value below which `share` of the counted values lie, interpolated within a bucket.
float ValueAt(const Histogram& histogram, double share) {
  int total = 0;
  for (const int count : histogram) total += count;
  const double target = std::clamp(share * total, 1.0, double(total));
  int sum = 0;
  size_t index = 0;
  while (index < histogram.size() && sum < target) sum += histogram[index++];
  return float(double(index) - (sum - target) / histogram[index - 1]);
}

struct Extremes {
  Histogram minima{};
  Histogram maxima{};
};

Extremes FindExtremes(const uint8_t* row, int width) {
  Extremes extremes;
  for (int x = 1; x + 1 < width; ++x) {
    const int last = row[x - 1];
    const int here = row[x];
    const int next = row[x + 1];
    if ((here < last && here <= next) || (here <= last && here < next)) ++extremes.minima[here];
    if ((here > last && here >= next) || (here >= last && here > next)) ++extremes.maxima[here];
  }
  return extremes;
}

bool IsEmpty(const Histogram& histogram) {
  return std::all_of(histogram.begin(), histogram.end(), [](int count) { return count == 0; });
}

// Rounds like Tesseract, which differs from std::lround just below a half.
// NOLINTNEXTLINE(bugprone-incorrect-roundings)
int Rounded(float value) { return value >= 0 ? int(value + 0.5F) : -int(-value + 0.5F); }

std::array<float, 256> MakeLevels(const GrayImage& scaled, Polarity polarity) {
  const int middle = scaled.height / 2;
  std::vector<uint8_t> row(scaled.row(middle), scaled.row(middle) + scaled.width);
  const uint8_t flip = polarity == Polarity::kInverted ? 255 : 0;
  for (uint8_t& pixel : row) pixel ^= flip;
  Extremes extremes = FindExtremes(row.data(), scaled.width);
  if (IsEmpty(extremes.minima)) ++extremes.minima.front();
  if (IsEmpty(extremes.maxima)) ++extremes.maxima.back();
  const float black = ValueAt(extremes.minima, kBlackShare);
  const float white = ValueAt(extremes.maxima, kWhiteShare);
  float contrast = (white - black) / 2;
  if (contrast <= 0) contrast = 1;
  std::array<float, 256> levels{};
  for (int pixel = 0; pixel < 256; ++pixel) {
    levels[size_t(pixel)] = (float(pixel ^ flip) - black) / contrast - 1;
  }
  return levels;
}

template <typename Value>
ColumnsOf<Value> IntoColumns(const GrayImage& scaled, const std::array<Value, 256>& levels) {
  ColumnsOf<Value> columns{scaled.width, scaled.height, {}};
  columns.values.resize(scaled.pixels.size() + kSpareValues);
  for (int y = 0; y < scaled.height; ++y) {
    const uint8_t* row = scaled.row(y);
    Value* value = columns.values.data() + y;
    for (int x = 0; x < scaled.width; ++x, value += scaled.height) *value = levels[row[x]];
  }
  return columns;
}

}  // namespace

LineColumns NormaliseLine(const GrayImage& scaled, Polarity polarity) {
  const std::array<float, 256> levels = MakeLevels(scaled, polarity);
  std::array<uint8_t, 256> bytes{};
  std::transform(levels.begin(), levels.end(), bytes.begin(), [](float level) {
    return uint8_t(kZeroByte + std::clamp(Rounded(128 * level), -127, 127));
  });
  return IntoColumns(scaled, bytes);
}

FloatColumns NormaliseLineToFloats(const GrayImage& scaled, Polarity polarity) {
  return IntoColumns(scaled, MakeLevels(scaled, polarity));
}

}  // namespace gnosis
