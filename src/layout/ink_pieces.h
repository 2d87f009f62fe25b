// The ink of a page: what is darker than one threshold, in connected pieces. A letter is one piece
// as a rule, an i two, letters that touch are one together.
#pragma once

#include <optional>
#include <vector>

#include "page/page_text.h"
#include "page/raster.h"

namespace gnosis {

struct InkPiece {
  Box box;
  int pixels = 0;  // that are ink
};

// The grey value up to which pixels are ink: between the two classes that differ most (N. Otsu, A
// Threshold Selection Method from Gray-Level Histograms, 1979).
int InkThreshold(const Raster& gray);

// Pixels that touch by a side or a corner are of one piece. In the order of their topmost pixel.
// Nothing for a page of more than `max_pieces`: a halftone, or noise.
std::optional<std::vector<InkPiece>> FindInkPieces(const Raster& gray, int threshold,
                                                   int max_pieces);

}  // namespace gnosis
