// Scales images like leptonica's pixScale (version 1.82): the models were trained on its output and
// depend on exact pixel values.
#include <algorithm>
#include <numeric>

#include "lstm/line_image.h"

namespace gnosis {
namespace {

// Source positions are in sixteenths of a pixel.
constexpr int kPart = 16;
constexpr int kWhole = kPart * kPart;
constexpr double kInterpolateFrom = 0.7;    // smaller scales average over areas
constexpr double kSmallestArea = 0.02;      // smaller scales average whole pixels
constexpr double kSharpenAreasAbove = 0.2;  // scales
constexpr double kSharpenBelow = 1.4;

// Rounds positive values like leptonica: differs from std::lround just below a half.
// NOLINTNEXTLINE(bugprone-incorrect-roundings)
int Rounded(float value) { return int(double(value) + 0.5); }

float PartsPerPixel(int source, int target) {
  return float(16. * double(float(source)) / double(float(target)));
}

// For one axis: the source pixels that make up a target pixel.
struct Span {
  int first = 0;
  int last = 0;
  int first_weight = 0;  // sixteenths
  int last_weight = 0;
};

std::vector<Span> InterpolationSpans(int source, int target) {
  const float step = PartsPerPixel(source, target);
  std::vector<Span> spans;
  for (int i = 0; i < target; ++i) {
    const int place = int(step * float(i));
    const int first = std::min(place / kPart, source - 1);
    const int weight = place % kPart;
    spans.push_back({first, std::min(first + 1, source - 1), kPart - weight, weight});
  }
  return spans;
}

// leptonica has special cases for doubling and quadrupling, which do not round.
int InterpolationRounding(float scale) { return scale == 2 || scale == 4 ? 0 : kWhole / 2; }

GrayImage Interpolate(const GrayImage& source, int width, int height, int rounding) {
  const std::vector<Span> columns = InterpolationSpans(source.width, width);
  const std::vector<Span> rows = InterpolationSpans(source.height, height);
  GrayImage target{width, height, std::vector<uint8_t>(size_t(width) * size_t(height))};
  for (int y = 0; y < height; ++y) {
    const Span& row = rows[size_t(y)];
    const uint8_t* above = source.row(row.first);
    const uint8_t* below = source.row(row.last);
    uint8_t* out = target.row(y);
    for (const Span& column : columns) {
      const int top =
          column.first_weight * above[column.first] + column.last_weight * above[column.last];
      const int bottom =
          column.first_weight * below[column.first] + column.last_weight * below[column.last];
      *out++ = uint8_t((row.first_weight * top + row.last_weight * bottom + rounding) / kWhole);
    }
  }
  return target;
}

// `last` may be past the end: such a span averages nothing.
std::vector<Span> AreaSpans(int source, int target) {
  const float step = PartsPerPixel(source, target);
  std::vector<Span> spans;
  for (int i = 0; i < target; ++i) {
    const int begin = int(step * float(i));
    const int end = int(double(step) * (i + 1.0));
    const int first = std::min(begin / kPart, source - 1);
    spans.push_back({first, end / kPart, kPart - begin % kPart, end % kPart});
  }
  return spans;
}

int SpanSize(const Span& span) {
  return span.first_weight + kPart * (span.last - span.first - 1) + span.last_weight;
}

// Adds the rows of a span, weighted by the part of each that belongs to it.
void AddRows(const GrayImage& source, const Span& row, std::vector<int>& sums) {
  const auto weigh = [&](int y, int weight) {
    const uint8_t* pixels = source.row(y);
    for (int x = 0; x < source.width; ++x) sums[size_t(x)] += weight * pixels[x];
  };
  std::fill(sums.begin(), sums.end(), 0);
  weigh(row.first, row.first_weight);
  for (int y = row.first + 1; y < row.last; ++y) weigh(y, kPart);
  weigh(row.last, row.last_weight);
}

int AddColumns(const std::vector<int>& sums, const Span& column) {
  int sum = column.first_weight * sums[size_t(column.first)] +
            column.last_weight * sums[size_t(column.last)];
  for (int x = column.first + 1; x < column.last; ++x) sum += kPart * sums[size_t(x)];
  return sum;
}

GrayImage AverageAreas(const GrayImage& source, int width, int height) {
  const std::vector<Span> columns = AreaSpans(source.width, width);
  const std::vector<Span> rows = AreaSpans(source.height, height);
  GrayImage target{width, height, std::vector<uint8_t>(size_t(width) * size_t(height))};
  std::vector<int> sums(size_t(source.width));
  for (int y = 0; y < height; ++y) {
    const Span& row = rows[size_t(y)];
    const bool at_bottom = row.last > source.height - 2;
    if (!at_bottom) AddRows(source, row, sums);
    const int rows_size = SpanSize(row);
    for (int x = 0; x < width; ++x) {
      const Span& column = columns[size_t(x)];
      uint8_t& pixel = target.row(y)[x];
      if (at_bottom || column.last > source.width - 2) {
        pixel = source.row(row.first)[column.first];
      } else {
        pixel = uint8_t((AddColumns(sums, column) + kWhole / 2) / (rows_size * SpanSize(column)));
      }
    }
  }
  return target;
}

// Special case for halving: the mean of four pixels, not rounded.
GrayImage Halve(const GrayImage& source) {
  GrayImage target{source.width / 2, source.height / 2, {}};
  target.pixels.resize(size_t(target.width) * size_t(target.height));
  for (int y = 0; y < target.height; ++y) {
    const uint8_t* above = source.row(2 * y);
    const uint8_t* below = source.row(2 * y + 1);
    for (int x = 0; x < target.width; ++x) {
      target.row(y)[x] =
          uint8_t((above[2 * x] + above[2 * x + 1] + below[2 * x] + below[2 * x + 1]) / 4);
    }
  }
  return target;
}

// The mean of the whole pixels in reach; for lines fifty times as high as the network's input.
GrayImage AverageWholePixels(const GrayImage& source, int width, int height) {
  GrayImage target{width, height, std::vector<uint8_t>(size_t(width) * size_t(height))};
  for (int y = 0; y < height; ++y) {
    const int top = int(int64_t(y) * source.height / height);
    const int bottom = std::max(top + 1, int(int64_t(y + 1) * source.height / height));
    for (int x = 0; x < width; ++x) {
      const int left = int(int64_t(x) * source.width / width);
      const int right = std::max(left + 1, int(int64_t(x + 1) * source.width / width));
      int64_t sum = 0;
      for (int row = top; row < bottom; ++row) {
        for (int column = left; column < right; ++column) sum += source.row(row)[column];
      }
      target.row(y)[x] = uint8_t(sum / (int64_t(bottom - top) * (right - left)));
    }
  }
  return target;
}

// Increases the difference of every pixel from the mean of the square around it. The border is
// unchanged.
void Sharpen(GrayImage& image, int reach, float strength) {
  const int side = 2 * reach + 1;
  const float norm = float(1.0 / (side * side));
  const GrayImage source = image;
  std::vector<int> columns(size_t(source.width));
  std::vector<float> means(size_t(source.width));
  for (int y = reach; y < source.height - reach; ++y) {
    std::fill(columns.begin(), columns.end(), 0);
    for (int row = y - reach; row <= y + reach; ++row) {
      for (int x = 0; x < source.width; ++x) columns[size_t(x)] += source.row(row)[x];
    }
    for (int x = reach; x < source.width - reach; ++x) {
      const auto middle = columns.begin() + x;
      const int sum = std::accumulate(middle - reach, middle + reach + 1, 0);
      means[size_t(x)] = norm * float(sum);
    }
    for (int x = reach; x < source.width - reach; ++x) {
      const float pixel = source.row(y)[x];
      const float sharp = pixel + strength * (pixel - means[size_t(x)]);
      image.row(y)[x] = uint8_t(std::clamp(Rounded(sharp), 0, 255));
    }
  }
}

GrayImage Shrink(const GrayImage& line, float scale, int width, int height) {
  if (scale < kSmallestArea) return AverageWholePixels(line, width, height);
  if (scale == 0.5F) return Halve(line);
  if (scale == 0.25F) return Halve(Halve(line));
  if (scale == 0.125F) return Halve(Halve(Halve(line)));
  if (scale == 0.0625F) return Halve(Halve(Halve(Halve(line))));
  return AverageAreas(line, width, height);
}

}  // namespace

GrayImage ScaleToHeight(const GrayImage& line, int height) {
  const float scale = float(height) / float(line.height);
  if (scale == 1) return line;
  const int width = std::max(1, Rounded(scale * float(line.width)));
  if (scale < kInterpolateFrom) {
    GrayImage small = Shrink(line, scale, width, height);
    if (scale > kSharpenAreasAbove) Sharpen(small, 1, 0.2F);
    return small;
  }
  GrayImage image = Interpolate(line, width, height, InterpolationRounding(scale));
  if (scale < kSharpenBelow) Sharpen(image, 2, 0.4F);
  return image;
}

}  // namespace gnosis
