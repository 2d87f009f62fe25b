// The layout of a page as Tesseract's layout analysis tells it.
#pragma once

#include <tesseract/pageiterator.h>

#include "layout/page_layout.h"

namespace gnosis {

// From the iterators of AnalyseLayout without and with merge_similar_words, over the same page of
// `width` x `height` pixels; they may be null: no text.
PageLayout CollectLayout(tesseract::PageIterator* words, tesseract::PageIterator* regions,
                         int width, int height);

}  // namespace gnosis
