// The layout of plain pages of text, in a tenth of the time that Tesseract's layout analysis takes:
// one threshold, connected pieces, letters in rows, columns by white space. It knows its limits:
// where it is not sure it says so, and Tesseract's is asked.
#pragma once

#include "base/result.h"
#include "layout/page_layout.h"
#include "page/raster.h"

namespace gnosis {

// kUnsupportedFormat: not sure; the message says of what.
Result<PageLayout> FindLayout(const Raster& gray);

}  // namespace gnosis
