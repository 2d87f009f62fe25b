#include "layout/leaders.h"

#include <gtest/gtest.h>

#include "support/painted_page.h"

namespace gnosis {
namespace {

class FindLeaderDotsTest : public ::testing::Test {
 protected:
  FindLeaderDotsTest() { page_.Write(50, 100, "xlxpx xxl"); }
  void Dots(int count, int left, int pitch, int bottom = 100, int size = 4) {
    for (int i = 0; i < count; ++i) {
      page_.Fill({left + i * pitch, bottom - size, left + i * pitch + size, bottom});
    }
  }
  size_t Found() {
    const PageInk ink = FindPageInk(page_.raster());
    return FindLeaderDots(*ink.pieces).size();
  }
  PaintedPage page_{900, 300};
};

TEST_F(FindLeaderDotsTest, EvenlySpacedDotsOfOneLineAreALeader) {
  Dots(20, 250, 15);
  EXPECT_EQ(Found(), 20u);
  Dots(10, 100, 30, 200);
  EXPECT_EQ(Found(), 30u);
}

TEST_F(FindLeaderDotsTest, AnEllipsisIsNot) {
  Dots(5, 250, 15);
  EXPECT_EQ(Found(), 0u);
}

TEST_F(FindLeaderDotsTest, FullStopsOfSentencesAreNot) {
  for (const int left : {250, 310, 340, 460, 490, 640, 720}) Dots(1, left, 0);
  EXPECT_EQ(Found(), 0u);
}

TEST_F(FindLeaderDotsTest, SmallLettersAreNot) {
  Dots(20, 250, 15, 100, 12);
  EXPECT_EQ(Found(), 0u);
}

TEST_F(FindLeaderDotsTest, APageWithoutInkHasNone) { EXPECT_TRUE(FindLeaderDots({}).empty()); }

}  // namespace
}  // namespace gnosis
