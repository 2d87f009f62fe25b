// Places the words recognised in the regions of a layout on the page.
#pragma once

#include <vector>

#include "layout/page_layout.h"
#include "lstm/line_words.h"
#include "page/page_text.h"

namespace gnosis {

template <typename Visit>
void ForEachRegion(const PageLayout& layout, Visit visit) {
  for (const LayoutBlock& block : layout.blocks) {
    for (const LayoutParagraph& paragraph : block.paragraphs) {
      for (const LayoutLine& line : paragraph.lines) {
        for (const TextRegion& region : line.regions) visit(region);
      }
    }
  }
}

// Removes words in small regions, of fewer than about four pieces of ink, that look like dirt:
// without a letter or digit, or with very low confidence.
void ForgetSpecks(const PageLayout& layout, std::vector<std::vector<LineWord>>& words);

// `words` has an entry for every region, in the order of ForEachRegion. A word's box surrounds the
// blobs at its position; blocks, paragraphs and lines without words are left out.
PageText PlaceWords(const PageLayout& layout, const std::vector<std::vector<LineWord>>& words);

}  // namespace gnosis
