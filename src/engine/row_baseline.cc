#include "engine/row_baseline.h"

#include <algorithm>
#include <cmath>

namespace gnosis {
namespace {

constexpr double kStraight = 0.8;  // pixels that a rounded point of a straight row may lie off it
constexpr size_t kNearest = 12;

struct StraightLine {
  double slope = 0;
  double offset = 0;
  double At(double x) const { return slope * x + offset; }
};

// By least squares.
StraightLine Fit(const std::vector<BaselinePoint>& points) {
  double x = 0, y = 0, xx = 0, xy = 0;
  for (const BaselinePoint& point : points) {
    x += point.x;
    y += point.y;
  }
  x /= double(points.size());
  y /= double(points.size());
  for (const BaselinePoint& point : points) {
    xx += (point.x - x) * (point.x - x);
    xy += (point.x - x) * (point.y - y);
  }
  const double slope = xx > 0 ? xy / xx : 0;
  return {slope, y - slope * x};
}

bool IsStraight(const std::vector<BaselinePoint>& points, const StraightLine& line) {
  return std::all_of(points.begin(), points.end(), [&](const BaselinePoint& point) {
    return std::abs(point.y - line.At(point.x)) <= kStraight;
  });
}

}  // namespace

double BaselineAtX(std::vector<BaselinePoint> points, double x) {
  const StraightLine line = Fit(points);
  if (points.size() <= kNearest || IsStraight(points, line)) return line.At(x);
  const auto nearest = points.begin() + kNearest;
  std::partial_sort(points.begin(), nearest, points.end(),
                    [x](const BaselinePoint& a, const BaselinePoint& b) {
                      return std::abs(a.x - x) < std::abs(b.x - x);
                    });
  points.erase(nearest, points.end());
  return Fit(points).At(x);
}

}  // namespace gnosis
