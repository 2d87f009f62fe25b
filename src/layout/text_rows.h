// Rows of text, or parts of rows: letters that follow one another, with their marks.
#pragma once

#include <vector>

#include "base/result.h"
#include "layout/page_layout.h"
#include "layout/row_shape.h"
#include "layout/sorted_pieces.h"

namespace gnosis {

struct TextRow {
  std::vector<Box> letters;  // from the left
  std::vector<Box> marks;
  Box ink;  // bounding box of letters and marks
  StraightLine baseline;
  TypeSize type;
};
struct TextRows {
  double slope = 0;  // of the page's rows; positive is downwards
  TypeSize type;     // the usual one
  std::vector<TextRow> rows;
};

// kUnsupportedFormat, with the reason, where the letters do not stand in straight rows.
Result<TextRows> FindTextRows(const SortedPieces& pieces, Extent extent = Extent::kPage);

}  // namespace gnosis
