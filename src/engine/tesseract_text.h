// Converts Tesseract's result for a page to PageText.
#pragma once

#include <tesseract/resultiterator.h>

#include "page/page_text.h"

namespace gnosis {

// Words in reading order with the boxes, confidences and baselines of Tesseract's hOCR; blocks that
// are pictures or rules are left out. `iterator` may be null: no words.
PageText CollectPageText(tesseract::ResultIterator* iterator);

}  // namespace gnosis
