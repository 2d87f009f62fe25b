#include "engine/row_baseline.h"

#include <gtest/gtest.h>

namespace gnosis {
namespace {

TEST(RowBaseline, ALevelRowIsExact) {
  EXPECT_DOUBLE_EQ(BaselineAtX({{0, 70}, {50, 70}, {60, 70}, {900, 70}}, 450), 70);
}

TEST(RowBaseline, ASingleWordTellsItsMiddle) {
  EXPECT_DOUBLE_EQ(BaselineAtX({{100, 10}, {200, 14}}, 150), 12);
}

TEST(RowBaseline, ASinglePointTellsItself) { EXPECT_DOUBLE_EQ(BaselineAtX({{5, 9}}, 800), 9); }

TEST(RowBaseline, RoundingEvensOutAlongASlantedRow) {
  std::vector<Point> points;
  for (int x = 0; x <= 2000; x += 100)
    points.push_back({double(x), double(int(500 + 0.0037 * x + 0.5))});
  EXPECT_NEAR(BaselineAtX(points, 1000), 503.7, 0.2);
}

TEST(RowBaseline, ABentRowIsFollowedWhereItIsAsked) {
  std::vector<Point> points;
  for (int x = 0; x <= 3000; x += 60) {
    points.push_back({double(x), 500.0 + int(40.0 * (x - 1500) * (x - 1500) / (1500.0 * 1500.0))});
  }
  EXPECT_NEAR(BaselineAtX(points, 1500), 500, 2);
}

}  // namespace
}  // namespace gnosis
