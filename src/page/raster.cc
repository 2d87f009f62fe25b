#include "page/raster.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/result.h"

namespace gnosis {
namespace {

constexpr int kTile = 32;  // a tile's rows and columns fit the L1 cache

Raster SameKind(const Raster& image, int width, int height) {
  Raster out{width, height, image.dpi, image.format, {}};
  out.pixels.resize(size_t(width) * height * image.channels());
  return out;
}

// The target position of source pixel (0, 0), and the target offset per step in the source's x and
// y.
struct Placement {
  ptrdiff_t origin;
  ptrdiff_t per_x;
  ptrdiff_t per_y;
};

Placement PlacementFor(int width, int height, int degrees) {
  const ptrdiff_t w = width;
  const ptrdiff_t h = height;
  if (degrees == 90) return {h - 1, h, -1};
  if (degrees == 270) return {(w - 1) * h, -h, 1};
  return {w * h - 1, -1, -w};  // 180
}

template <int kChannels>
void Move(const Raster& from, const Placement& place, Raster& to) {
  for (int top = 0; top < from.height; top += kTile) {
    for (int left = 0; left < from.width; left += kTile) {
      const int bottom = std::min(top + kTile, from.height);
      const int right = std::min(left + kTile, from.width);
      for (int y = top; y < bottom; ++y) {
        const uint8_t* source = from.row(y) + ptrdiff_t(left) * kChannels;
        ptrdiff_t target = place.origin + place.per_x * left + place.per_y * y;
        for (int x = left; x < right; ++x, target += place.per_x, source += kChannels) {
          std::memcpy(to.pixels.data() + target * kChannels, source, kChannels);
        }
      }
    }
  }
}

// The source pixels that make up target pixel k, with their weights. The weights of one target
// pixel are 8-bit fractions with a sum of exactly 256, so that white stays white. Every target
// pixel has the same number of taps (some with weight 0), because a loop of fixed length is faster.
struct Taps {
  int per_pixel = 0;
  std::vector<int> position;  // for each target pixel: the first source pixel
  std::vector<uint16_t> weights;
};

Taps TapsFor(int source_size, int target_size) {
  Taps taps;
  taps.per_pixel = std::min(source_size, (source_size + target_size - 1) / target_size + 1);
  taps.position.resize(target_size);
  taps.weights.resize(size_t(target_size) * taps.per_pixel);
  for (int k = 0; k < target_size; ++k) {
    const int64_t begin = int64_t(k) * source_size;  // in units of 1/target_size source pixels
    const int64_t end = begin + source_size;
    const int position = std::min(int(begin / target_size), source_size - taps.per_pixel);
    taps.position[k] = position;
    int64_t covered = 0;
    for (int j = 0; j < taps.per_pixel; ++j) {
      const int64_t edge = std::clamp(int64_t(position + j + 1) * target_size, begin, end);
      const int64_t share = (edge - begin) * 256 / source_size;
      taps.weights[size_t(k) * taps.per_pixel + j] = uint16_t(share - covered);
      covered = share;
    }
  }
  return taps;
}

// sums[i] += weight * row[i]. In chunks of a fixed size, which every compiler vectorises at -O2.
// `size` is a multiple of kPiece.
constexpr int kPiece = 64;
void AddRow(const uint8_t* __restrict row, uint16_t weight, size_t size,
            uint16_t* __restrict sums) {
  for (size_t at = 0; at < size; at += kPiece) {
    for (int i = 0; i < kPiece; ++i) sums[at + i] = uint16_t(sums[at + i] + weight * row[at + i]);
  }
}

void AddRowEnd(const uint8_t* row, uint16_t weight, size_t from, size_t to, uint16_t* sums) {
  for (size_t i = from; i < to; ++i) sums[i] = uint16_t(sums[i] + weight * row[i]);
}

uint8_t Rounded(uint32_t fixed_point) { return uint8_t((fixed_point + (1 << 15)) >> 16); }

// Converts one row of sums (8.8 fixed point) to one row of the target.
void NarrowGray(const uint16_t* sums, const Taps& taps, uint8_t* target) {
  const uint16_t* weight = taps.weights.data();
  for (const int position : taps.position) {
    uint32_t total = 0;
    const uint16_t* source = sums + position;
    for (int tap = 0; tap < taps.per_pixel; ++tap) total += uint32_t(*weight++) * *source++;
    *target++ = Rounded(total);
  }
}

// Three named sums, because g++ would keep an array of three in memory.
void NarrowRgb(const uint16_t* sums, const Taps& taps, uint8_t* target) {
  const uint16_t* weight = taps.weights.data();
  for (const int position : taps.position) {
    uint32_t red = 0;
    uint32_t green = 0;
    uint32_t blue = 0;
    const uint16_t* source = sums + size_t(position) * 3;
    for (int tap = 0; tap < taps.per_pixel; ++tap, ++weight, source += 3) {
      red += uint32_t(*weight) * source[0];
      green += uint32_t(*weight) * source[1];
      blue += uint32_t(*weight) * source[2];
    }
    *target++ = Rounded(red);
    *target++ = Rounded(green);
    *target++ = Rounded(blue);
  }
}

void Shrink(const Raster& from, Raster& to) {
  const Taps across = TapsFor(from.width, to.width);
  const Taps down = TapsFor(from.height, to.height);
  const size_t row_size = size_t(from.width) * from.channels();
  const size_t whole_pieces = row_size / kPiece * kPiece;
  std::vector<uint16_t> sums(row_size);
  for (int y = 0; y < to.height; ++y) {
    std::fill(sums.begin(), sums.end(), uint16_t{0});
    for (int tap = 0; tap < down.per_pixel; ++tap) {
      const uint16_t weight = down.weights[size_t(y) * down.per_pixel + tap];
      if (weight == 0) continue;
      const uint8_t* row = from.row(down.position[y] + tap);
      AddRow(row, weight, whole_pieces, sums.data());
      AddRowEnd(row, weight, whole_pieces, row_size, sums.data());
    }
    from.format == PixelFormat::kGray8 ? NarrowGray(sums.data(), across, to.row(y))
                                       : NarrowRgb(sums.data(), across, to.row(y));
  }
}

}  // namespace

Raster ToGray(const Raster& image) {
  if (image.format == PixelFormat::kGray8) return image;
  Raster gray{image.width, image.height, image.dpi, PixelFormat::kGray8, {}};
  const size_t count = size_t(image.width) * image.height;
  gray.pixels.resize(count);
  const uint8_t* source = image.pixels.data();
  uint8_t* target = gray.pixels.data();
  for (size_t i = 0; i < count; ++i, source += 3) {
    target[i] =
        uint8_t((19595u * source[0] + 38470u * source[1] + 7471u * source[2] + 32768) >> 16);
  }
  return gray;
}

Raster RotateClockwise(const Raster& image, int degrees) {
  GNOSIS_CHECK(degrees == 0 || degrees == 90 || degrees == 180 || degrees == 270);
  if (degrees == 0) return image;
  const bool lying = degrees != 180;
  Raster out =
      SameKind(image, lying ? image.height : image.width, lying ? image.width : image.height);
  const Placement place = PlacementFor(image.width, image.height, degrees);
  image.format == PixelFormat::kGray8 ? Move<1>(image, place, out) : Move<3>(image, place, out);
  return out;
}

Raster ShrinkTo(const Raster& image, int longer_side) {
  GNOSIS_CHECK(longer_side > 0);
  const int longest = std::max(image.width, image.height);
  if (longest <= longer_side) return image;
  const double scale = double(longer_side) / longest;
  const auto scaled = [&](int side) { return std::max(1, int(std::lround(side * scale))); };
  Raster out = SameKind(image, scaled(image.width), scaled(image.height));
  out.dpi = int(std::lround(image.dpi * scale));
  Shrink(image, out);
  return out;
}

}  // namespace gnosis
