#include "page/raster.h"

#include <gtest/gtest.h>

namespace gnosis {
namespace {

Raster Gray(int width, int height, std::vector<uint8_t> pixels) {
  return Raster{width, height, 300, PixelFormat::kGray8, std::move(pixels)};
}
Raster Rgb(int width, int height, std::vector<uint8_t> pixels) {
  return Raster{width, height, 300, PixelFormat::kRgb8, std::move(pixels)};
}

Raster Noise(int width, int height, PixelFormat format) {
  Raster image{width, height, 300, format, {}};
  image.pixels.resize(size_t(width) * height * image.channels());
  uint32_t state = 1;
  for (uint8_t& pixel : image.pixels) {
    state = state * 1664525 + 1013904223;
    pixel = uint8_t(state >> 24);
  }
  return image;
}

// The definition of area averaging, in floating point.
double MeanOfArea(const Raster& image, const Raster& shrunk, int x, int y, int channel) {
  const double across = double(image.width) / shrunk.width;
  const double down = double(image.height) / shrunk.height;
  double sum = 0;
  for (int sy = 0; sy < image.height; ++sy) {
    const double high = std::min((y + 1) * down, sy + 1.0) - std::max(y * down, double(sy));
    if (high <= 0) continue;
    for (int sx = 0; sx < image.width; ++sx) {
      const double wide = std::min((x + 1) * across, sx + 1.0) - std::max(x * across, double(sx));
      if (wide > 0) sum += high * wide * image.row(sy)[sx * image.channels() + channel];
    }
  }
  return sum / (across * down);
}

double WorstDifference(const Raster& image, const Raster& shrunk) {
  double worst = 0;
  for (int y = 0; y < shrunk.height; ++y) {
    for (int x = 0; x < shrunk.width; ++x) {
      for (int c = 0; c < shrunk.channels(); ++c) {
        const double mean = MeanOfArea(image, shrunk, x, y, c);
        worst = std::max(worst, std::abs(mean - shrunk.row(y)[x * shrunk.channels() + c]));
      }
    }
  }
  return worst;
}

TEST(ToGrayTest, WeighsColoursAsTheEyeDoes) {
  const Raster gray = ToGray(Rgb(5, 1, {255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255, 0, 0, 0}));
  EXPECT_EQ(gray.format, PixelFormat::kGray8);
  EXPECT_EQ(gray.pixels, (std::vector<uint8_t>{76, 150, 29, 255, 0}));
  EXPECT_EQ(gray.dpi, 300);
}

TEST(ToGrayTest, KeepsEveryGreyValue) {
  Raster colourless = Rgb(256, 1, {});
  for (int value = 0; value < 256; ++value) {
    colourless.pixels.insert(colourless.pixels.end(), 3, uint8_t(value));
  }
  const Raster gray = ToGray(colourless);
  for (int value = 0; value < 256; ++value) EXPECT_EQ(gray.pixels[value], value);
  EXPECT_EQ(ToGray(gray).pixels, gray.pixels);
}

TEST(RotateClockwiseTest, TurnsByQuarters) {
  const Raster image = Gray(3, 2, {1, 2, 3, 4, 5, 6});
  const Raster right = RotateClockwise(image, 90);
  EXPECT_EQ(right.width, 2);
  EXPECT_EQ(right.height, 3);
  EXPECT_EQ(right.pixels, (std::vector<uint8_t>{4, 1, 5, 2, 6, 3}));
  EXPECT_EQ(RotateClockwise(image, 180).pixels, (std::vector<uint8_t>{6, 5, 4, 3, 2, 1}));
  EXPECT_EQ(RotateClockwise(image, 270).pixels, (std::vector<uint8_t>{3, 6, 2, 5, 1, 4}));
  EXPECT_EQ(RotateClockwise(image, 0).pixels, image.pixels);
}

TEST(RotateClockwiseTest, FourQuartersAreNone) {
  for (const PixelFormat format : {PixelFormat::kGray8, PixelFormat::kRgb8}) {
    const Raster image = Noise(101, 67, format);
    Raster turned = image;
    for (int i = 0; i < 4; ++i) turned = RotateClockwise(turned, 90);
    EXPECT_EQ(turned.pixels, image.pixels);
    EXPECT_EQ(RotateClockwise(RotateClockwise(image, 270), 90).pixels, image.pixels);
    EXPECT_EQ(RotateClockwise(RotateClockwise(image, 90), 90).pixels,
              RotateClockwise(image, 180).pixels);
  }
}

TEST(ShrinkToTest, AveragesAreas) {
  const Raster half = ShrinkTo(Gray(4, 2, {0, 100, 200, 200, 100, 200, 0, 0}), 2);
  EXPECT_EQ(half.width, 2);
  EXPECT_EQ(half.height, 1);
  EXPECT_EQ(half.pixels, (std::vector<uint8_t>{100, 100}));
  EXPECT_EQ(half.dpi, 150);
}

TEST(ShrinkToTest, IsTheMeanOfTheAreaForAwkwardRatios) {
  for (const PixelFormat format : {PixelFormat::kGray8, PixelFormat::kRgb8}) {
    const Raster image = Noise(173, 97, format);
    for (const int longer_side : {172, 100, 71, 13, 1}) {
      EXPECT_LT(WorstDifference(image, ShrinkTo(image, longer_side)), 4.0) << longer_side;
    }
  }
}

TEST(ShrinkToTest, NeverEnlarges) {
  const Raster image = Noise(30, 20, PixelFormat::kRgb8);
  EXPECT_EQ(ShrinkTo(image, 30).pixels, image.pixels);
  EXPECT_EQ(ShrinkTo(image, 1400).width, 30);
}

TEST(ShrinkToTest, KeepsWhiteWhiteAndBlackBlack) {
  for (const uint8_t value : {uint8_t{0}, uint8_t{255}}) {
    const Raster shrunk = ShrinkTo(Gray(1000, 777, std::vector<uint8_t>(777'000, value)), 333);
    EXPECT_EQ(shrunk.pixels, std::vector<uint8_t>(shrunk.pixels.size(), value));
  }
}

TEST(ShrinkToTest, KeepsOnePixelOfAHair) {
  const Raster shrunk = ShrinkTo(Gray(1, 30'000, std::vector<uint8_t>(30'000, 9)), 1400);
  EXPECT_EQ(shrunk.width, 1);
  EXPECT_EQ(shrunk.height, 1400);
  EXPECT_EQ(shrunk.pixels.front(), 9);
}

}  // namespace
}  // namespace gnosis
