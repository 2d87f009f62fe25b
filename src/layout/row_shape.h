// The lines that letters of one row keep to: the baseline that they stand on, how high small and
// tall ones reach, how far tails hang down.
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

// How the rows of a page run: the middle of what its longer chains of letters tell; 0 without any.
double SlopeOfRows(const std::vector<std::vector<Box>>& chains, double letter_height);

struct RowBaseline {
  StraightLine line;
  int standing = 0;  // letters that stand on it
};
// `slope` is that of the page's rows, from which a row may differ by little.
RowBaseline FitBaseline(const std::vector<Box>& letters, double slope, double letter_height);

// What one row tells of its type. `x_height` is the commonest height where it is not clear whether
// small letters or capitals have it.
struct RowHeights {
  double commonest = 0;
  std::optional<double> x_height;  // with `ascent`: both kinds of letters were seen
  std::optional<double> ascent;
  std::optional<double> descent;
};
RowHeights MeasureHeights(const std::vector<Box>& letters, const StraightLine& baseline);

// The type of the page's usual rows, whose shares serve where a row does not tell.
TypeSize UsualType(std::span<const RowHeights> rows);
// Of one row, by what it tells and, for the rest, by the usual type.
TypeSize TypeOfRow(const RowHeights& row, const TypeSize& usual);

}  // namespace gnosis
