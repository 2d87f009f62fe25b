// Classifies pieces of ink by size alone: letters, marks next to letters, everything else. All
// measures are relative to the height of the page's usual letters.
#pragma once

#include <vector>

#include "base/result.h"
#include "layout/ink_pieces.h"
#include "layout/page_layout.h"

namespace gnosis {

struct SortedPieces {
  double letter_height = 0;  // pixels: the height of the letters that hold most of the ink
  std::vector<Box> letters;  // from the left; touching letters count as one
  std::vector<Box> marks;    // dots, accents, commas, dashes; and specks
};

// kUnsupportedFormat, with the reason, for a page that is not plain text: pictures, frames, dark
// backgrounds, hardly any letters.
Result<SortedPieces> SortPieces(const std::vector<InkPiece>& pieces, int width, int height,
                                Extent extent = Extent::kPage);

}  // namespace gnosis
