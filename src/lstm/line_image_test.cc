#include "lstm/line_image.h"

#include <gmock/gmock.h>

namespace gnosis {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;

GrayImage Uniform(int width, int height, uint8_t value) {
  return {width, height, std::vector<uint8_t>(size_t(width) * size_t(height), value)};
}

TEST(LineImage, ScalingKeepsProportionsAndAnEvenGrey) {
  for (const int height : {9, 18, 30, 36, 37, 51, 52, 60, 72, 144, 200, 288, 576, 2000}) {
    const GrayImage scaled = ScaleToHeight(Uniform(3 * height, height, 77), 36);
    EXPECT_EQ(scaled.height, 36) << height;
    EXPECT_NEAR(scaled.width, 108, 1) << height;
    EXPECT_THAT(scaled.pixels, Each(77)) << height;
  }
}

TEST(LineImage, ALineOfTheRightHeightIsNotTouched) {
  GrayImage line = Uniform(50, 36, 0);
  for (size_t i = 0; i < line.pixels.size(); ++i) line.pixels[i] = uint8_t(i * 37);
  EXPECT_EQ(ScaleToHeight(line, 36).pixels, line.pixels);
}

// Expected values from leptonica's pixScale for the same picture.
TEST(LineImage, DoublingInterpolatesWithoutRounding) {
  const GrayImage scaled = ScaleToHeight({2, 2, {0, 101, 50, 255}}, 4);
  EXPECT_THAT(scaled.pixels, ElementsAre(0, 50, 101, 101,    //
                                         25, 101, 178, 178,  //
                                         50, 152, 255, 255,  //
                                         50, 152, 255, 255));
}

TEST(LineImage, HalvingTakesMeansAndSharpens) {
  GrayImage line = Uniform(8, 8, 100);
  line.row(4)[4] = 180;
  const GrayImage scaled = ScaleToHeight(line, 4);
  EXPECT_EQ(scaled.row(2)[2], 124);  // 120, plus a fifth of its difference from the local mean
  EXPECT_EQ(scaled.row(1)[1], 100);
}

TEST(LineImage, EveryShapeCanBeScaled) {
  for (const auto& [width, height] : {std::pair(1, 1), std::pair(1, 300), std::pair(5000, 1),
                                      std::pair(2, 3), std::pair(3, 100)}) {
    const GrayImage scaled = ScaleToHeight(Uniform(width, height, 9), 36);
    EXPECT_EQ(scaled.pixels.size(), size_t(scaled.width) * size_t(scaled.height));
    EXPECT_GE(scaled.width, 1);
  }
}

GrayImage Stripes(uint8_t dark, uint8_t light) {
  GrayImage line = Uniform(90, 36, light);
  for (int y = 0; y < line.height; ++y) {
    for (int x = 4; x < line.width; x += 6) line.row(y)[x] = dark;
  }
  return line;
}

TEST(LineImage, BlackAndWhiteOfTheLineFillTheRange) {
  const LineColumns columns = NormaliseLine(Stripes(60, 190), Polarity::kAsIs);
  EXPECT_EQ(columns.width, 90);
  EXPECT_THAT(columns.column(4)[10], ::testing::Le(2));
  EXPECT_THAT(columns.column(5)[10], ::testing::Ge(254));
}

TEST(LineImage, InvertedBlackAndWhiteChangePlaces) {
  const LineColumns columns = NormaliseLine(Stripes(60, 190), Polarity::kInverted);
  EXPECT_THAT(columns.column(4)[10], ::testing::Ge(254));
  EXPECT_THAT(columns.column(5)[10], ::testing::Le(2));
}

}  // namespace
}  // namespace gnosis
