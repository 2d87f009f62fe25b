// A straight line across the page.
#pragma once

#include <algorithm>
#include <cstddef>
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

// The middle one of some values.
// Of an even number the upper of the two; there must be one.
template <typename Value>
Value Median(std::vector<Value> values) {
  const auto middle = values.begin() + std::ptrdiff_t(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace gnosis
