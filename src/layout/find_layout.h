// The layout of plain pages of text, in a tenth of the time that Tesseract's layout analysis takes:
// one threshold, connected pieces, letters in rows, columns by white space. It knows its limits:
// where it is not sure it says so, and Tesseract's is asked.
#pragma once

#include <string>

#include "base/result.h"
#include "layout/page_layout.h"
#include "page/raster.h"

namespace gnosis {

// kUnsupportedFormat: not sure; the message says of what.
Result<PageLayout> FindLayout(const Raster& gray);

// Why a page is not one for us. Not a fault of the page: somebody slower and surer is asked.
inline Error LayoutDoubt(std::string reason) {
  return {ErrorCode::kUnsupportedFormat, std::move(reason), ""};
}

}  // namespace gnosis
