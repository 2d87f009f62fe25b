// Rules: the straight lines of forms, tables and frames.
#pragma once

#include "page/raster.h"

namespace gnosis {

struct RuleSize {
  int shortest = 0;  // pixels: longer than any stroke of a letter
  int thickest = 0;  // pixels: thinner than a solid area
};

// Paints rules, across and down the page, in the grey of `paper`. Ink is what is not lighter than
// `threshold`. Strokes that cross a rule stay whole, so that letters on a line or over a cell's
// border can be read.
void EraseRules(Raster& gray, int threshold, const RuleSize& size, uint8_t paper);

}  // namespace gnosis
