// Rows of text in reading order: lines, paragraphs, and columns where white space shows them.
#pragma once

#include <vector>

#include "base/result.h"
#include "layout/text_rows.h"

namespace gnosis {

struct TextLine {
  std::vector<const TextRow*> parts;  // from the left; several if there are wide gaps
};
using TextParagraph = std::vector<TextLine>;
using TextBlock = std::vector<TextParagraph>;

// `page` must outlive the result. kUnsupportedFormat, with the reason, if the columns are unclear.
Result<std::vector<TextBlock>> ArrangeRows(const TextRows& page);

}  // namespace gnosis
