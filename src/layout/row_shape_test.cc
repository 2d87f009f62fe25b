#include "layout/row_shape.h"

#include <gtest/gtest.h>

#include <string_view>

namespace gnosis {
namespace {

constexpr double kLetterHeight = 24;
constexpr int kXHeight = 20, kAscent = 30, kDescent = 10;

// x, l, p: a small letter, a tall one, one with a tail; '"' floats above the baseline.
std::vector<Box> Letters(std::string_view text, double slope = 0) {
  std::vector<Box> letters;
  int left = 100;
  for (const char letter : text) {
    const int y = 500 + int(slope * left);
    const int top = letter == 'l' ? y - kAscent : y - kXHeight;
    const int bottom = letter == 'p' ? y + kDescent : y;
    if (letter == '"') {
      letters.push_back({left, y - kAscent, left + 10, y - kAscent + 10});
    } else if (letter != ' ') {
      letters.push_back({left, top, left + 14, bottom});
    }
    left += 18;
  }
  return letters;
}

TEST(FitBaseline, TailsAndQuotationMarksDoNotPullIt) {
  const auto letters = Letters("\"xlpxx ppxlx xpxx lxxxp\"");
  const RowBaseline baseline = FitBaseline(letters, 0, kLetterHeight);
  EXPECT_NEAR(baseline.line.At(100), 500, 0.5);
  EXPECT_NEAR(baseline.line.At(500), 500, 0.5);
  EXPECT_EQ(baseline.standing, 14);
}

TEST(FitBaseline, FollowsARowThatRunsALittleOtherwiseThanThePage) {
  const auto letters = Letters("xlxxx xxxlx xxxx lxxxx xxxxx xlxxx xxxxx", 0.006);
  const RowBaseline baseline = FitBaseline(letters, 0, kLetterHeight);
  EXPECT_NEAR(baseline.line.slope, 0.006, 0.002);
}

TEST(FitBaseline, AShortRowRunsAsThePageDoes) {
  const RowBaseline baseline = FitBaseline(Letters("xpx"), 0.01, kLetterHeight);
  EXPECT_DOUBLE_EQ(baseline.line.slope, 0.01);
}

TEST(SlopeOfRows, IsThatOfTheLongRows) {
  EXPECT_NEAR(SlopeOfRows({Letters("xlxxxpxxxxlxxxxx", 0.01), Letters("xx", -0.3)}, kLetterHeight),
              0.01, 0.004);
  EXPECT_EQ(SlopeOfRows({}, kLetterHeight), 0);
}

TEST(MeasureHeights, TellsSmallAndTallLettersAndTails) {
  const RowHeights row = MeasureHeights(Letters("xlxxpxxlxxxx"), {0, 500});
  EXPECT_EQ(row.x_height, kXHeight);
  EXPECT_EQ(row.ascent, kAscent);
  EXPECT_EQ(row.descent, kDescent);
}

TEST(MeasureHeights, SeesSmallLettersAmongMostlyTallOnes) {
  const RowHeights row = MeasureHeights(Letters("llllllxxxll"), {0, 500});
  EXPECT_EQ(row.x_height, kXHeight);
  EXPECT_EQ(row.ascent, kAscent);
}

TEST(MeasureHeights, OfOneHeightOnlyDoesNotGuess) {
  const RowHeights row = MeasureHeights(Letters("lllll"), {0, 500});
  EXPECT_FALSE(row.x_height);
  EXPECT_EQ(row.commonest, kAscent);
  EXPECT_EQ(MeasureHeights({}, {0, 500}).commonest, 0);
}

TEST(TypeOfRow, CapitalsAreAsHighAsTallLetters) {
  const TypeSize usual{20, 30, 10};
  const TypeSize type =
      TypeOfRow({.commonest = 60, .x_height = {}, .ascent = {}, .descent = {}}, usual);
  EXPECT_DOUBLE_EQ(type.ascent, 60);
  EXPECT_DOUBLE_EQ(type.x_height, 40);
  EXPECT_DOUBLE_EQ(type.descent, 20);
}

TEST(TypeOfRow, WhatIsNearTheUsualIsTheUsual) {
  const TypeSize usual{20, 30, 10};
  for (const double commonest : {19.0, 21.0, 29.0, 31.0}) {
    const TypeSize type =
        TypeOfRow({.commonest = commonest, .x_height = {}, .ascent = {}, .descent = {}}, usual);
    EXPECT_DOUBLE_EQ(type.x_height, 20) << commonest;
    EXPECT_DOUBLE_EQ(type.ascent, 30) << commonest;
  }
}

TEST(UsualType, OfNoRowsIsNothing) { EXPECT_EQ(UsualType({}).x_height, 0); }

}  // namespace
}  // namespace gnosis
