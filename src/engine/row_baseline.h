// The baseline of a row of text, from places of it that are known to the nearest pixel only.
#pragma once

#include <vector>

#include "layout/straight_line.h"

namespace gnosis {

// Its height at `x`: of the straight line that fits the points best, or, where the row is bent,
// those nearest to `x`. There must be a point.
double BaselineAtX(std::vector<Point> points, double x);

}  // namespace gnosis
