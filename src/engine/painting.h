// Painting on grey page images, before they are read.
#pragma once

#include "page/page_text.h"
#include "page/raster.h"

namespace gnosis {

Box Grown(const Box& box, int by);

// These leave out what lies beyond the page.
void Fill(Raster& page, const Box& box, uint8_t value);
void Invert(Raster& page, const Box& box);
// To the same place on a page of the same size.
void Copy(const Raster& from, const Box& box, Raster& to);

// The commonest grey that is lighter than `threshold`, which is at most 254.
uint8_t PaperOf(const Raster& gray, int threshold);

}  // namespace gnosis
