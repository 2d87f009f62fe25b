// The ink of a page: pixels darker than one threshold, in connected pieces. A letter is usually one
// piece, an i two; letters that touch are one piece together.
#pragma once

#include <optional>
#include <vector>

#include "page/page_text.h"
#include "page/raster.h"

namespace gnosis {

struct InkPiece {
  Box box;
  int pixels = 0;  // number of ink pixels
};

// The highest grey value that counts as ink: splits the histogram into the two classes that differ
// most (N. Otsu, A Threshold Selection Method from Gray-Level Histograms, 1979).
int InkThreshold(const Raster& gray);

// Pixels that touch by a side or a corner belong to one piece. Sorted by their topmost pixel.
// Nothing for a page with more than `max_pieces`: a halftone, or noise.
std::optional<std::vector<InkPiece>> FindInkPieces(const Raster& gray, int threshold,
                                                   int max_pieces);

constexpr int kMostInkPieces = 40'000;
// Pixels around ink that are darker than the paper, but not dark enough to be ink.
constexpr int kSoftEdge = 2;

// The ink of a whole page, found once for all who want to know it.
struct PageInk {
  int threshold = 0;
  std::optional<std::vector<InkPiece>> pieces;  // nothing: there are more than kMostInkPieces
};
PageInk FindPageInk(const Raster& gray);

}  // namespace gnosis
