#include "engine/page_ink.h"

#include <gtest/gtest.h>

namespace gnosis {
namespace {

Raster Sheet(int width, int height, uint8_t brightness = 255) {
  return Raster{width, height, 300, PixelFormat::kGray8,
                std::vector<uint8_t>(size_t(width) * height, brightness)};
}

void Fill(Raster& image, const Box& box, uint8_t brightness) {
  for (int y = box.top; y < box.bottom; ++y) {
    for (int x = box.left; x < box.right; ++x) image.row(y)[x] = brightness;
  }
}

PageText OneWord(const Box& box, float confidence) {
  return PageText{{Block{box, {Paragraph{box, {Line{box, {}, {Word{"word", box, confidence}}}}}}}}};
}

TEST(PageInk, AnEmptySheetHasNone) {
  EXPECT_EQ(FindInk(Sheet(100, 100), 24).inked_count, 0);
  EXPECT_EQ(FindInk(Sheet(100, 100, 0), 24).inked_count, 0);
}

TEST(PageInk, ASheetWithoutPixelsHasNone) {
  EXPECT_EQ(FindInk(Sheet(0, 0), 24).inked_count, 0);
  EXPECT_EQ(FindInk(Sheet(0, 5), 24).inked_count, 0);
}

TEST(PageInk, AMarkInksItsTile) {
  Raster sheet = Sheet(64, 64);
  Fill(sheet, {20, 36, 24, 40}, 0);
  const InkMap ink = FindInk(sheet, 24);
  EXPECT_EQ(ink.inked_count, 1);
  EXPECT_EQ(ink.inked[2 * 4 + 1], 1);
}

TEST(PageInk, TheLastPixelOfAnOddSizeCounts) {
  Raster sheet = Sheet(33, 17);
  Fill(sheet, {32, 16, 33, 17}, 0);
  EXPECT_EQ(FindInk(sheet, 24).inked_count, 0) << "a tile of one pixel has no contrast";
  Fill(sheet, {31, 16, 32, 17}, 0);
  EXPECT_EQ(FindInk(sheet, 24).inked_count, 1);
}

TEST(PageInk, ContrastBelowTheMinimumIsNone) {
  Raster sheet = Sheet(16, 16, 200);
  Fill(sheet, {4, 4, 8, 8}, 177);
  EXPECT_EQ(FindInk(sheet, 24).inked_count, 0);
  EXPECT_EQ(FindInk(sheet, 23).inked_count, 1);
}

TEST(PageInk, ADarkBackgroundIsNoInkButItsEdgeIs) {
  Raster sheet = Sheet(64, 16);
  Fill(sheet, {0, 0, 24, 16}, 30);
  EXPECT_EQ(FindInk(sheet, 60).inked_count, 1);
}

TEST(PageInk, AnyInkIsFoundWhereverItIs) {
  EXPECT_FALSE(HasInk(Sheet(100, 100), 24));
  EXPECT_FALSE(HasInk(Sheet(0, 5), 24));
  for (const int at : {0, 50, 98}) {
    Raster sheet = Sheet(100, 100);
    Fill(sheet, {at, at, at + 1, at + 1}, 0);
    EXPECT_TRUE(HasInk(sheet, 24)) << at;
  }
}

TEST(PageInk, WordsReadWhatTheyTouch) {
  Raster sheet = Sheet(64, 16);
  Fill(sheet, {2, 2, 10, 10}, 0);
  Fill(sheet, {40, 2, 44, 10}, 0);
  const InkMap ink = FindInk(sheet, 60);
  ASSERT_EQ(ink.inked_count, 2);
  EXPECT_DOUBLE_EQ(InkReadAsWords(ink, PageText{}, 50), 0);
  EXPECT_DOUBLE_EQ(InkReadAsWords(ink, OneWord({2, 2, 10, 10}, 90), 50), 0.5);
  EXPECT_DOUBLE_EQ(InkReadAsWords(ink, OneWord({2, 2, 10, 10}, 40), 50), 0);
  EXPECT_DOUBLE_EQ(InkReadAsWords(ink, OneWord({0, 0, 64, 16}, 90), 50), 1);
}

TEST(PageInk, BoxesOutsideTheSheetReadNothing) {
  Raster sheet = Sheet(32, 32);
  Fill(sheet, {2, 2, 10, 10}, 0);
  const InkMap ink = FindInk(sheet, 60);
  EXPECT_DOUBLE_EQ(InkReadAsWords(ink, OneWord({-90, -90, -40, -40}, 90), 50), 0);
  EXPECT_DOUBLE_EQ(InkReadAsWords(ink, OneWord({500, 500, 900, 900}, 90), 50), 0);
  EXPECT_DOUBLE_EQ(InkReadAsWords(ink, OneWord({9, 9, 2, 2}, 90), 50), 0);
}

TEST(PageInk, ASheetWithoutInkIsReadInFull) {
  EXPECT_DOUBLE_EQ(InkReadAsWords(FindInk(Sheet(32, 32), 60), PageText{}, 50), 1);
}

}  // namespace
}  // namespace gnosis
