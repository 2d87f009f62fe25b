// A surface for poppler to draw on: white paper, RGB, anti-aliased. Only pdf.cc includes this.
#pragma once

#include <SplashOutputDev.h>

#include "base/result.h"
#include "page/raster.h"

namespace gnosis {

class PdfCanvas : public SplashOutputDev {
 public:
  PdfCanvas();

  // The drawn page, without a resolution. kTooLarge if there was not enough memory for it.
  Result<Raster> TakeRaster();
};

}  // namespace gnosis
