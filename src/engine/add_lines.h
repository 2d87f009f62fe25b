// Lines that a second look at a page found, put where they belong among those found before.
#pragma once

#include <vector>

#include "page/page_text.h"

namespace gnosis {

// How the added lines run: like the others, or turned, so that their order cannot be told from
// where they stand.
enum class TextDirection { kAsPage, kTurned };

// `again`: the boxes of lines in `text` that the second look read once more; each is replaced if
// the new reading is worth more, otherwise the new one is dropped. A line beside an existing one,
// such as a value beside its label, joins it. False if nothing was added or replaced.
bool AddLines(PageText more, TextDirection direction, const std::vector<Box>& again,
              PageText& text);

}  // namespace gnosis
