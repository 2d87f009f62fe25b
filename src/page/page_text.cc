#include "page/page_text.h"

#include <algorithm>
#include <cmath>

namespace gnosis {
namespace {

template <typename Visit>
void ForEachWord(const PageText& text, Visit visit) {
  ForEachLine(text, [&](const Line& line) {
    for (const Word& word : line.words) visit(word);
  });
}

// Adds nothing for a line without words, so that an image block leaves no gap in the text.
void AppendLine(const Line& line, std::string& text) {
  if (line.words.empty()) return;
  for (size_t i = 0; i < line.words.size(); ++i) {
    if (i > 0) text += ' ';
    text += line.words[i].text;
  }
  text += '\n';
}

std::string ParagraphText(const Paragraph& paragraph) {
  std::string text;
  for (const Line& line : paragraph.lines) AppendLine(line, text);
  return text;
}

bool IsEmpty(const Box& box) { return box.right <= box.left || box.bottom <= box.top; }

}  // namespace

std::string PlainText(const PageText& text) {
  std::string all;
  for (const Block& block : text.blocks) {
    for (const Paragraph& paragraph : block.paragraphs) {
      const std::string next = ParagraphText(paragraph);
      if (!next.empty() && !all.empty()) all += '\n';
      all += next;
    }
  }
  return all;
}

int WordCount(const PageText& text) {
  int count = 0;
  ForEachWord(text, [&](const Word&) { ++count; });
  return count;
}

std::optional<double> MeanConfidence(const PageText& text) {
  double sum = 0;
  int count = 0;
  ForEachWord(text, [&](const Word& word) {
    sum += double(word.confidence);
    ++count;
  });
  if (count == 0) return std::nullopt;
  return std::round(sum / count * 100) / 100;
}

Box Union(const Box& a, const Box& b) {
  if (IsEmpty(a)) return b;
  if (IsEmpty(b)) return a;
  return Box{std::min(a.left, b.left), std::min(a.top, b.top), std::max(a.right, b.right),
             std::max(a.bottom, b.bottom)};
}

Box Intersection(const Box& a, const Box& b) {
  const int left = std::max(a.left, b.left), top = std::max(a.top, b.top);
  return {left, top, std::max(left, std::min(a.right, b.right)),
          std::max(top, std::min(a.bottom, b.bottom))};
}

bool Overlaps(const Box& a, const Box& b) {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

}  // namespace gnosis
