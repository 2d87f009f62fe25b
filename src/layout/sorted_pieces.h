// What a piece of ink is by its size alone: a letter, a mark beside letters, or something else. All
// measures are relative to the height of the page's usual letters.
#pragma once

#include <vector>

#include "base/result.h"
#include "layout/ink_pieces.h"

namespace gnosis {

struct SortedPieces {
  double letter_height = 0;  // pixels: of the letters that most of the ink belongs to
  std::vector<Box> letters;  // from the left; also several that touch
  std::vector<Box> marks;    // dots, accents, commas, dashes; and specks
};

// kUnsupportedFormat, with the reason, for a page that is not plainly text: pictures, frames, dark
// grounds, hardly any letters.
Result<SortedPieces> SortPieces(const std::vector<InkPiece>& pieces, int width, int height);

}  // namespace gnosis
