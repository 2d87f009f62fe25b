// The words that were read in the regions of a layout, placed on the page.
#pragma once

#include <vector>

#include "engine/page_layout.h"
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

// `words` has an entry for every region, in the order of ForEachRegion. A word's box is around the
// blobs that lie where it was read; blocks, paragraphs and lines without words are left out.
PageText PlaceWords(const PageLayout& layout, const std::vector<std::vector<LineWord>>& words);

}  // namespace gnosis
