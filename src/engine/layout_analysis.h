// Tesseract's layout analysis, kept warm from page to page. It needs no model.
#pragma once

#include <tesseract/pageiterator.h>

#include <memory>

#include "engine/ocr_engine.h"
#include "layout/page_layout.h"
#include "page/raster.h"

namespace gnosis {

class LayoutAnalysis {
 public:
  virtual ~LayoutAnalysis() = default;
  // The image must be legible (tesseract_page.h).
  virtual PageLayout Find(const Raster& gray, int dpi, Thresholding thresholding) = 0;
};
std::unique_ptr<LayoutAnalysis> NewLayoutAnalysis();

// Converts Tesseract's layout analysis. The iterators are those of AnalyseLayout without and with
// merge_similar_words, for the same page of `width` x `height` pixels; they may be null: no text.
PageLayout CollectLayout(tesseract::PageIterator* words, tesseract::PageIterator* regions,
                         int width, int height);

}  // namespace gnosis
