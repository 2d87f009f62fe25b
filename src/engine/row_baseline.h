// The baseline of a row of text, from points that are known only to the nearest pixel.
#pragma once

#include <vector>

#include "layout/straight_line.h"

namespace gnosis {

// Its height at `x`: from the straight line that fits the points best or, if the row is bent, the
// points nearest to `x`. There must be at least one point.
double BaselineAtX(std::vector<Point> points, double x);

}  // namespace gnosis
