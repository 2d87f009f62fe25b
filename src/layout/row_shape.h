// The shape of a row of letters: its baseline, the heights of small and tall letters, the depth of
// tails.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "layout/straight_line.h"
#include "page/page_text.h"

namespace gnosis {

// In pixels. `ascent` is the height of tall letters and capitals, `descent` the depth of tails.
struct TypeSize {
  double x_height = 0;
  double ascent = 0;
  double descent = 0;
};

// The slope of the page's rows: the median over its longer chains of letters; 0 if there are none.
double SlopeOfRows(const std::vector<std::vector<Box>>& chains, double letter_height);

struct RowBaseline {
  StraightLine line;
  int standing = 0;  // number of letters that stand on it
};
// `slope` is that of the page's rows; a row's own may differ only a little.
RowBaseline FitBaseline(const std::vector<Box>& letters, double slope, double letter_height);

// Measured in one row. If it is unclear whether `commonest` is the height of small letters or of
// capitals, neither `x_height` nor `ascent` is set.
struct RowHeights {
  double commonest = 0;
  std::optional<double> x_height;  // set together with `ascent`: both kinds of letters were seen
  std::optional<double> ascent;
  std::optional<double> descent;
};
RowHeights MeasureHeights(const std::vector<Box>& letters, const StraightLine& baseline);

// The type of the page's typical rows; its proportions are used for rows that lack measurements.
TypeSize UsualType(std::span<const RowHeights> rows);
// Where all letters are capitals or digits of this height, which tells nothing else.
TypeSize TypeOfCapitals(double height);
// The type of one row: its own measurements, completed from the usual type.
TypeSize TypeOfRow(const RowHeights& row, const TypeSize& usual);

}  // namespace gnosis
