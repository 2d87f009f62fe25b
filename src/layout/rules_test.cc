#include "layout/rules.h"

#include <gtest/gtest.h>

#include "page/page_text.h"
#include "support/painted_page.h"

namespace gnosis {
namespace {

constexpr int kThreshold = 128;
constexpr uint8_t kPaper = 250;

int InkIn(const Raster& page, const Box& box) {
  int ink = 0;
  for (int y = box.top; y < box.bottom; ++y) {
    for (int x = box.left; x < box.right; ++x) ink += page.row(y)[x] <= kThreshold ? 1 : 0;
  }
  return ink;
}

Raster Erased(const PaintedPage& page) {
  Raster raster = page.raster();
  EraseRules(raster, kThreshold, {.shortest = 90, .thickest = 8}, kPaper);
  return raster;
}

constexpr Box kPage{0, 0, 600, 400};

class EraseRulesTest : public ::testing::Test {
 protected:
  PaintedPage page_{600, 400};
};

TEST_F(EraseRulesTest, RulesAcrossAndDownGoAndWhereTheyCross) {
  page_.Fill({50, 100, 500, 104});
  page_.Fill({50, 300, 500, 306});
  page_.Fill({50, 100, 54, 306});
  page_.Fill({300, 100, 303, 306});
  EXPECT_EQ(InkIn(Erased(page_), kPage), 0);
}

TEST_F(EraseRulesTest, ARuleThatTouchesTheEdgesOfThePageGoes) {
  page_.Fill({0, 0, 600, 3});
  page_.Fill({597, 0, 600, 400});
  EXPECT_EQ(InkIn(Erased(page_), kPage), 0);
}

TEST_F(EraseRulesTest, AShortOrThickPieceStays) {
  page_.Fill({50, 100, 139, 104});  // a dash of 89 pixels
  page_.Fill({50, 200, 350, 209});  // 9 pixels thick
  EXPECT_EQ(InkIn(Erased(page_), kPage), 89 * 4 + 300 * 9);
}

TEST_F(EraseRulesTest, LettersThatStandOnARuleStay) {
  page_.Write(100, 200, "xlxpx");
  const int letters = InkIn(page_.raster(), kPage);
  page_.Fill({50, 200, 500, 204});
  // The tail of the p crosses the rule.
  EXPECT_EQ(InkIn(Erased(page_), kPage), letters);
}

TEST_F(EraseRulesTest, OfARuleThroughTheFeetOfLettersOnlyThatMuchOfThemIsLost) {
  page_.Write(100, 200, "xxx");
  const int letters = InkIn(page_.raster(), kPage);
  page_.Fill({50, 197, 500, 201});
  EXPECT_EQ(InkIn(Erased(page_), kPage), letters - 3 * 14 * 3);
}

TEST_F(EraseRulesTest, ASlantedStrokeThatCrossesARuleStaysInOnePiece) {
  for (int y = 150; y < 250; ++y) page_.Fill({200 + y, y, 206 + y, y + 1});
  const int stroke = InkIn(page_.raster(), kPage);
  page_.Fill({50, 198, 500, 202});
  const Raster erased = Erased(page_);
  EXPECT_NEAR(InkIn(erased, kPage), stroke, 12);
  for (int y = 198; y < 202; ++y) EXPECT_GT(InkIn(erased, {200, y, 500, y + 1}), 2) << y;
}

TEST_F(EraseRulesTest, ARuleThatSinksALittleGoes) {
  for (int x = 50; x < 550; ++x) page_.Fill({x, 100 + x / 60, x + 1, 104 + x / 60});
  // What is left are its ends, where no row of pixels is long.
  EXPECT_LT(InkIn(Erased(page_), kPage), 200);
  EXPECT_EQ(InkIn(Erased(page_), {150, 0, 450, 400}), 0);
}

TEST_F(EraseRulesTest, TheGreyEdgeOfARuleGoesWithIt) {
  page_.Fill({50, 100, 500, 104});
  Raster raster = page_.raster();
  for (int x = 50; x < 500; ++x) raster.row(99)[x] = raster.row(104)[x] = 180;
  EraseRules(raster, kThreshold, {.shortest = 90, .thickest = 8}, kPaper);
  for (int y = 98; y < 106; ++y) EXPECT_EQ(raster.row(y)[300], kPaper) << y;
}

}  // namespace
}  // namespace gnosis
