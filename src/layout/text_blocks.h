// Rows of text in reading order: lines, paragraphs, and columns as far as white space between them
// tells.
#pragma once

#include <vector>

#include "base/result.h"
#include "layout/text_rows.h"

namespace gnosis {

struct TextLine {
  std::vector<const TextRow*> parts;  // from the left; several where there are wide gaps
};
using TextParagraph = std::vector<TextLine>;
using TextBlock = std::vector<TextParagraph>;

// `page` must outlive the answer. kUnsupportedFormat, with the reason, where columns are not clear.
Result<std::vector<TextBlock>> ArrangeRows(const TextRows& page);

}  // namespace gnosis
