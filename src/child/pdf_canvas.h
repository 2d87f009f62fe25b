// A sheet that poppler draws on: white paper, RGB, anti-aliased. Only child_pdf.cc includes this.
#pragma once

#include <SplashOutputDev.h>

#include "base/result.h"
#include "page/raster.h"

namespace gnosis {

class PdfCanvas : public SplashOutputDev {
 public:
  PdfCanvas();

  // What was drawn, without a resolution. kTooLarge when there was no memory for it.
  Result<Raster> TakeRaster();
};

}  // namespace gnosis
