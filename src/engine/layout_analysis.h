// Tesseract's layout analysis, kept warm from page to page. It needs no model.
#pragma once

#include <memory>

#include "engine/ocr_engine.h"
#include "layout/page_layout.h"
#include "page/raster.h"

namespace gnosis {

class LayoutAnalysis {
 public:
  virtual ~LayoutAnalysis() = default;
  // Of a legible image (tesseract_page.h).
  virtual PageLayout Find(const Raster& gray, int dpi, Thresholding thresholding) = 0;
};
std::unique_ptr<LayoutAnalysis> NewLayoutAnalysis();

}  // namespace gnosis
