// Where the text of a page is, before anything is read.
#pragma once

#include <vector>

#include "page/page_text.h"

namespace gnosis {

// What is read in one go: as a rule a whole line, else the part of one whose words are of one size
// and near to each other. Boxes are on the page turned clockwise by so many quarters that the text
// runs across.
struct TextRegion {
  int quarter_turns = 0;
  Box ink;
  Box crop;                // what a recogniser is to see: with room for ascenders and descenders
  std::vector<Box> words;  // as far as gaps tell, from the left
  std::vector<Box> blobs;  // connected pieces of ink, roughly a letter each
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

// With the edge that Tesseract's models expect around a line, as far as the page of `width` x
// `height` pixels reaches.
Box PadCrop(const Box& crop, int width, int height);
// Where `box` of an image of `width` x `height` pixels is once that is turned clockwise.
Box TurnBox(const Box& box, int quarter_turns, int width, int height);
// From the page turned so back to the page as it lies.
Box TurnBack(const Box& box, int quarter_turns, const PageLayout& layout);

}  // namespace gnosis
