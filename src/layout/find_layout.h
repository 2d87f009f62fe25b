// Finds the layout of plain pages of text in a tenth of the time that Tesseract's layout analysis
// takes: one threshold, connected pieces, letters in rows, columns by white space. Where it is not
// sure it says so, and the caller uses Tesseract's instead.
#pragma once

#include <string>

#include "base/result.h"
#include "layout/ink_pieces.h"
#include "layout/page_layout.h"
#include "page/raster.h"

namespace gnosis {

// `ink` is that of `gray`. kUnsupportedFormat: not sure; the message says why.
Result<PageLayout> FindLayout(const Raster& gray, const PageInk& ink,
                              Extent extent = Extent::kPage);

// Why the fast analysis does not handle a page. Nothing is wrong with the page: the caller falls
// back to the slower, more reliable analysis.
inline Error LayoutDoubt(std::string reason) {
  return {ErrorCode::kUnsupportedFormat, std::move(reason), ""};
}

}  // namespace gnosis
