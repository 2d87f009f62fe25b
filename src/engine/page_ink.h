// Where a page has ink, told without recognising anything: the page in square tiles, each inked or
// not. Ink is local contrast, so a dark background, a border or a shadow is none.
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

// A tile is inked when its brightest and darkest pixel are at least `min_contrast` apart.
InkMap FindInk(const Raster& gray, int min_contrast);
// Whether there is any; quick on a page that has some.
bool HasInk(const Raster& gray, int min_contrast);

// Share of the inked tiles that words of at least `min_confidence` touch, 0 to 1; 1 without ink.
double InkReadAsWords(const InkMap& ink, const PageText& text, float min_confidence);

}  // namespace gnosis
