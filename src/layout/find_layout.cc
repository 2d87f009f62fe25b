#include "layout/find_layout.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "layout/sorted_pieces.h"
#include "layout/text_blocks.h"
#include "layout/text_rows.h"

namespace gnosis {
namespace {

constexpr double kWordGap = 0.4;  // x-heights
constexpr double kRegionGap = 4;  // x-heights: regions further apart are recognised separately

// Merges boxes, ordered from the left, into words: a box near the previous one belongs to its word.
std::vector<Box> IntoWords(const std::vector<Box>& boxes, double gap) {
  std::vector<Box> words;
  for (const Box& box : boxes) {
    if (!words.empty() && box.left - words.back().right <= gap) {
      words.back() = Union(words.back(), box);
    } else {
      words.push_back(box);
    }
  }
  return words;
}

class LayoutBuilder {
 public:
  explicit LayoutBuilder(const Raster& gray) : layout_{gray.width, gray.height, {}} {}

  void Add(const TextBlock& from) {
    LayoutBlock block;
    for (const TextParagraph& paragraph : from) {
      LayoutParagraph& to = block.paragraphs.emplace_back();
      for (const TextLine& line : paragraph) {
        to.lines.push_back(MakeLine(line));
        block.box = Union(block.box, to.lines.back().box);
      }
    }
    layout_.blocks.push_back(std::move(block));
  }
  PageLayout Take() { return std::move(layout_); }

 private:
  LayoutLine MakeLine(const TextLine& from) const {
    LayoutLine line;
    std::vector<const TextRow*> near;
    for (const TextRow* part : from.parts) {
      if (!near.empty() &&
          part->ink.left - near.back()->ink.right > kRegionGap * part->type.x_height) {
        line.regions.push_back(MakeRegion(std::exchange(near, {})));
      }
      near.push_back(part);
      line.box = Union(line.box, part->ink);
    }
    line.regions.push_back(MakeRegion(near));
    const StraightLine& baseline = Longest(from.parts)->baseline;
    line.baseline = {float(baseline.slope), float(baseline.At(line.box.left) - line.box.bottom)};
    return line;
  }

  static const TextRow* Longest(const std::vector<const TextRow*>& parts) {
    return *std::max_element(parts.begin(), parts.end(), [](const TextRow* a, const TextRow* b) {
      return a->letters.size() < b->letters.size();
    });
  }

  TextRegion MakeRegion(const std::vector<const TextRow*>& parts) const {
    TextRegion region;
    for (const TextRow* part : parts) {
      region.ink = Union(region.ink, part->ink);
      region.blobs.insert(region.blobs.end(), part->letters.begin(), part->letters.end());
      region.blobs.insert(region.blobs.end(), part->marks.begin(), part->marks.end());
    }
    std::sort(region.blobs.begin(), region.blobs.end(),
              [](const Box& a, const Box& b) { return a.left < b.left; });
    const TextRow& main = *Longest(parts);
    region.words = IntoWords(region.blobs, kWordGap * main.type.x_height);
    region.crop = CropAround(region.ink, main);
    return region;
  }

  // The ink, extended at its middle to the heights of tall letters and tails of this type.
  Box CropAround(const Box& ink, const TextRow& row) const {
    const double baseline = row.baseline.At((ink.left + ink.right) / 2.0);
    const int top = int(std::lround(baseline - row.type.ascent));
    const int bottom = int(std::lround(baseline + row.type.descent));
    return PadCrop({ink.left, std::min(ink.top, top), ink.right, std::max(ink.bottom, bottom)},
                   layout_.width, layout_.height);
  }

  PageLayout layout_;
};

}  // namespace

Result<PageLayout> FindLayout(const Raster& gray, const PageInk& ink, Extent extent) {
  if (!ink.pieces) return LayoutDoubt("the ink is in too many pieces");
  ASSIGN_OR_RETURN(const SortedPieces sorted,
                   SortPieces(*ink.pieces, gray.width, gray.height, extent));
  ASSIGN_OR_RETURN(const TextRows rows, FindTextRows(sorted, extent));
  ASSIGN_OR_RETURN(const std::vector<TextBlock> blocks, ArrangeRows(rows));
  LayoutBuilder builder(gray);
  for (const TextBlock& block : blocks) builder.Add(block);
  return builder.Take();
}

}  // namespace gnosis
