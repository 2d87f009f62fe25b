#include "engine/row_baseline.h"

#include <algorithm>
#include <cmath>

namespace gnosis {
namespace {

constexpr double kStraight = 0.8;  // pixels: how far a rounded point may lie off a straight row
constexpr size_t kNearest = 12;

bool IsStraight(const std::vector<Point>& points, const StraightLine& line) {
  return std::all_of(points.begin(), points.end(), [&](const Point& point) {
    return std::abs(point.y - line.At(point.x)) <= kStraight;
  });
}

}  // namespace

double BaselineAtX(std::vector<Point> points, double x) {
  const StraightLine line = FitLine(points);
  if (points.size() <= kNearest || IsStraight(points, line)) return line.At(x);
  const auto nearest = points.begin() + kNearest;
  std::partial_sort(points.begin(), nearest, points.end(), [x](const Point& a, const Point& b) {
    return std::abs(a.x - x) < std::abs(b.x - x);
  });
  points.erase(nearest, points.end());
  return FitLine(points).At(x);
}

}  // namespace gnosis
