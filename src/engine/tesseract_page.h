// Shared by the code that uses Tesseract: image setup, and what both engines take from its
// iterators.
#pragma once

#include <tesseract/baseapi.h>
#include <tesseract/pageiterator.h>

#include "base/result.h"
#include "engine/ocr_engine.h"
#include "page/page_text.h"
#include "page/raster.h"

namespace gnosis {

Status CheckImage(const Raster& gray);
// Smaller images cannot be legible, and Tesseract's own errors about them leak memory.
bool IsLegible(const Raster& gray);
// Without a resolution (0) Tesseract estimates it from the text, as its program does.
void SetTesseractImage(tesseract::TessBaseAPI& api, const Raster& gray, int dpi,
                       Thresholding thresholding);

Box BoxAt(const tesseract::PageIterator& iterator, tesseract::PageIteratorLevel level);
// hOCR has a baseline only for upright text; lines of text in other directions keep 0 0.
Baseline BaselineAt(const tesseract::PageIterator& iterator, const Box& line);
// Tracks which blocks, paragraphs and lines have begun, so that each is created only when its first
// word is kept: Tesseract also has elements without words, which are to be skipped.
class Beginnings {
 public:
  struct Opening {
    bool block = false;
    bool paragraph = false;
    bool line = false;
  };
  // Call for every word that the iterator passes.
  void Note(const tesseract::PageIterator& iterator);
  // Call for a word that is kept: returns what begins with it. A block also begins a paragraph, and
  // a paragraph a line; the first word begins all three.
  Opening Take();

 private:
  Opening begun_{true, true, true};
};

// Pictures, rules and specks: no text to recognise.
bool IsPicture(tesseract::PolyBlockType type);

}  // namespace gnosis
