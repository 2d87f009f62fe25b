// Finds the ink of a page without recognising anything: divides the page into square tiles, each
// inked or not. Ink is local contrast, so a dark background, a border or a shadow does not count.
#pragma once

#include <cstdint>
#include <vector>

#include "page/page_text.h"
#include "page/raster.h"

namespace gnosis {

struct InkMap {
  int tile_pixels = 16;
  int columns = 0;
  int rows = 0;
  std::vector<uint8_t> inked;  // 0 or 1, rows from the top
  int inked_count = 0;
};

// A tile is inked if its brightest and darkest pixels differ by at least `min_contrast`.
InkMap FindInk(const Raster& gray, int min_contrast);
// Whether there is any ink; fast on a page that has some.
bool HasInk(const Raster& gray, int min_contrast);

// Share of the inked tiles that are touched by words of at least `min_confidence`, 0 to 1; 1
// without ink.
double InkReadAsWords(const InkMap& ink, const PageText& text, float min_confidence);

}  // namespace gnosis
