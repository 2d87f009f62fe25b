// The text of a page: blocks of paragraphs of lines of words, in reading order. Boxes are in pixels
// of the stored page image (upright), left/top inclusive, right/bottom exclusive, with the origin
// at the top left.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace gnosis {

struct Box {
  int left = 0;
  int top = 0;
  int right = 0;
  int bottom = 0;
  bool operator==(const Box&) const = default;
};
inline int Width(const Box& box) { return box.right - box.left; }
inline int Height(const Box& box) { return box.bottom - box.top; }

struct Word {
  std::string text;  // UTF-8, never empty, no white space
  Box box;
  float confidence = 0;  // 0 to 100; words of a text layer have 100
  bool operator==(const Word&) const = default;
};

// As in hOCR: y = slope * x + offset, from the bottom left corner of the line's box.
struct Baseline {
  float slope = 0;
  float offset = 0;
  bool operator==(const Baseline&) const = default;
};

struct Line {
  Box box;
  Baseline baseline;
  std::vector<Word> words;
  bool operator==(const Line&) const = default;
};
struct Paragraph {
  Box box;
  std::vector<Line> lines;
  bool operator==(const Paragraph&) const = default;
};
struct Block {
  Box box;
  std::vector<Paragraph> paragraphs;
  bool operator==(const Block&) const = default;
};
struct PageText {
  std::vector<Block> blocks;
  bool operator==(const PageText&) const = default;
};

template <typename Text, typename Visit>
void ForEachLine(Text& text, Visit visit) {
  for (auto& block : text.blocks) {
    for (auto& paragraph : block.paragraphs) {
      for (auto& line : paragraph.lines) visit(line);
    }
  }
}

// Words separated by blanks, a newline after each line, an empty line between paragraphs: the same
// text that the `tesseract` program prints, without its final form feed. "" for a page without
// words.
std::string PlainText(const PageText& text);
int WordCount(const PageText& text);
// Mean over words, to two decimals; nothing for a page without words.
std::optional<double> MeanConfidence(const PageText& text);
// The smallest box around both; empty boxes are ignored.
Box Union(const Box& a, const Box& b);
// Empty boxes have no width or no height.
Box Intersection(const Box& a, const Box& b);
// Whether they have a pixel in common.
bool Overlaps(const Box& a, const Box& b);

}  // namespace gnosis
