// A straight line across the page.
#pragma once

#include <vector>

namespace gnosis {

// y = slope * x + offset, downwards.
struct StraightLine {
  double slope = 0;
  double offset = 0;
  double At(double x) const { return slope * x + offset; }
};

struct Point {
  double x = 0;
  double y = 0;  // downwards
};

// By least squares of y. There must be a point; one, or several above one another, give a level
// line.
StraightLine FitLine(const std::vector<Point>& points);

}  // namespace gnosis
