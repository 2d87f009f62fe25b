// What both engines take from Tesseract's iterators over a page, and how its images are set up.
#pragma once

#include <tesseract/baseapi.h>
#include <tesseract/pageiterator.h>

#include "base/result.h"
#include "engine/ocr_engine.h"
#include "page/page_text.h"
#include "page/raster.h"

namespace gnosis {

Status CheckImage(const Raster& gray);
// Nothing legible is smaller, and Tesseract's own errors about such images leak memory.
bool IsLegible(const Raster& gray);
// Without a resolution (0) Tesseract estimates it from the text, as its program does.
void SetTesseractImage(tesseract::TessBaseAPI& api, const Raster& gray, int dpi,
                       Thresholding thresholding);

Box BoxAt(const tesseract::PageIterator& iterator, tesseract::PageIteratorLevel level);
// hOCR has a baseline only for upright text; the line of text that runs another way keeps 0 0.
Baseline BaselineAt(const tesseract::PageIterator& iterator, const Box& line);
// Which blocks, paragraphs and lines begin, for whoever opens one when the first word inside it is
// kept: Tesseract has elements without words, and they are nobody's business.
class Beginnings {
 public:
  struct Opening {
    bool block = false;
    bool paragraph = false;
    bool line = false;
  };
  // At every word that the iterator passes.
  void Note(const tesseract::PageIterator& iterator);
  // At a word that is kept: what begins with it. A block begins with a paragraph, that with a line;
  // the first word begins all.
  Opening Take();

 private:
  Opening begun_{true, true, true};
};

// Pictures, rules and specks: nothing to read.
bool IsPicture(tesseract::PolyBlockType type);

}  // namespace gnosis
