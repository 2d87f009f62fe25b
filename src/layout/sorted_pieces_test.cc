#include "layout/sorted_pieces.h"

#include <gmock/gmock.h>

#include "support/painted_page.h"

namespace gnosis {
namespace {

using ::testing::HasSubstr;

class SortPiecesTest : public ::testing::Test {
 protected:
  SortPiecesTest() {
    for (int line = 0; line < 10; ++line) page_.Write(100, 200 + 50 * line, kPaintedLine);
  }
  Result<SortedPieces> Sort() {
    const auto pieces = FindInkPieces(page_.raster(), 128, 100'000);
    return SortPieces(*pieces, page_.raster().width, page_.raster().height);
  }
  PaintedPage page_{1000, 1000};
};

TEST_F(SortPiecesTest, LettersComeFromTheLeft) {
  const auto sorted = Sort();
  ASSERT_TRUE(sorted.ok()) << sorted.error().message;
  EXPECT_EQ(sorted->letters.size(), 270u);
  EXPECT_TRUE(sorted->marks.empty());
  EXPECT_GE(sorted->letter_height, PaintedPage::kXHeight);
  EXPECT_LE(sorted->letter_height, PaintedPage::kXHeight * 3 / 2);
  EXPECT_TRUE(std::is_sorted(sorted->letters.begin(), sorted->letters.end(),
                             [](const Box& a, const Box& b) { return a.left < b.left; }));
}

TEST_F(SortPiecesTest, FullStopsAndDashesAreMarksAndDustIsNothing) {
  page_.Write(100, 800, "..");
  page_.Fill({300, 790, 340, 794});  // a dash
  page_.Fill({500, 790, 502, 792});
  EXPECT_EQ(Sort()->marks.size(), 3u);
}

TEST_F(SortPiecesTest, RulesFramesAndDarkBordersAreLeftOut) {
  page_.Fill({100, 140, 700, 144});
  page_.Fill({60, 100, 64, 900});
  page_.Fill({0, 0, 40, 1000});
  const auto sorted = Sort();
  ASSERT_TRUE(sorted.ok()) << sorted.error().message;
  EXPECT_EQ(sorted->letters.size(), 270u);
}

TEST_F(SortPiecesTest, ALetterSeveralLinesHighIsADoubt) {
  page_.Fill({100, 750, 220, 900});
  EXPECT_THAT(Sort().error().message, HasSubstr("unusual size"));
}

TEST(SortPieces, APageOfHardlyAnyLettersIsADoubt) {
  PaintedPage page(500, 500);
  page.Write(100, 200, "xlx xpx");
  const auto pieces = FindInkPieces(page.raster(), 128, 1000);
  EXPECT_THAT(SortPieces(*pieces, 500, 500).error().message, HasSubstr("hardly any letters"));
  EXPECT_FALSE(SortPieces({}, 500, 500).ok());
}

}  // namespace
}  // namespace gnosis
