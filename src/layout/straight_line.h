// A straight line across the page.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace gnosis {

// y = slope * x + offset; y grows downwards.
struct StraightLine {
  double slope = 0;
  double offset = 0;
  double At(double x) const { return slope * x + offset; }
};

struct Point {
  double x = 0;
  double y = 0;  // downwards
};

// Least squares in y. There must be at least one point; a single point, or points with the same x,
// give a horizontal line.
StraightLine FitLine(const std::vector<Point>& points);

// The median; of an even number of values the upper of the middle two. `values` must not be empty.
template <typename Value>
Value Median(std::vector<Value> values) {
  const auto middle = values.begin() + std::ptrdiff_t(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace gnosis
