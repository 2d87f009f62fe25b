// Where the text of a page is, before recognition.
#pragma once

#include <vector>

#include "page/page_text.h"

namespace gnosis {

// What is looked at: a page, or what the first reading of a page left. The rest may be a single
// word; a little rest may be single letters and digits, such as page numbers.
enum class Extent { kPage, kRest, kLittleRest };

// The unit of recognition: usually a whole line, otherwise the part of a line whose words have the
// same size and are close to each other. Boxes refer to the page turned clockwise by
// `quarter_turns`, so that the text is horizontal.
struct TextRegion {
  int quarter_turns = 0;
  Box ink;
  Box crop;                // what the recogniser sees, with room for ascenders and descenders
  std::vector<Box> words;  // as separated by gaps, from the left
  std::vector<Box> blobs;  // connected pieces of ink, roughly one per letter
};
struct LayoutLine {
  Box box;
  Baseline baseline;
  std::vector<TextRegion> regions;
};
struct LayoutParagraph {
  std::vector<LayoutLine> lines;
};
struct LayoutBlock {
  Box box;
  std::vector<LayoutParagraph> paragraphs;
};
struct PageLayout {
  int width = 0;  // of the page
  int height = 0;
  std::vector<LayoutBlock> blocks;
};

// Adds the margin that Tesseract's models expect around a line, clipped to the page of `width` x
// `height` pixels.
Box PadCrop(const Box& crop, int width, int height);
// `box`, of an image of `width` x `height` pixels, after the image is turned clockwise.
Box TurnBox(const Box& box, int quarter_turns, int width, int height);
// From the turned page back to the original page.
Box TurnBack(const Box& box, int quarter_turns, const PageLayout& layout);

}  // namespace gnosis
