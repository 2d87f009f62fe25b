#include "layout/straight_line.h"

namespace gnosis {

StraightLine FitLine(const std::vector<Point>& points) {
  double x = 0, y = 0, xx = 0, xy = 0;
  for (const Point& point : points) {
    x += point.x;
    y += point.y;
  }
  x /= double(points.size());
  y /= double(points.size());
  for (const Point& point : points) {
    xx += (point.x - x) * (point.x - x);
    xy += (point.x - x) * (point.y - y);
  }
  const double slope = xx > 0 ? xy / xx : 0;
  return {slope, y - slope * x};
}

}  // namespace gnosis
