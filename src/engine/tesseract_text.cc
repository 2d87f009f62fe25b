#include "engine/tesseract_text.h"

#include <memory>
#include <string>
#include <utility>

namespace gnosis {
namespace {

using tesseract::PageIterator;
using tesseract::ResultIterator;

Box BoxAt(const PageIterator& iterator, tesseract::PageIteratorLevel level) {
  Box box;
  iterator.BoundingBox(level, &box.left, &box.top, &box.right, &box.bottom);
  return box;
}

bool IsPicture(tesseract::PolyBlockType type) {
  switch (type) {
    case tesseract::PT_FLOWING_IMAGE:
    case tesseract::PT_HEADING_IMAGE:
    case tesseract::PT_PULLOUT_IMAGE:
    case tesseract::PT_HORZ_LINE:
    case tesseract::PT_VERT_LINE:
    case tesseract::PT_NOISE:
      return true;
    default:
      return false;
  }
}

bool StandsUpright(const PageIterator& iterator) {
  tesseract::Orientation orientation;
  tesseract::WritingDirection writing_direction;
  tesseract::TextlineOrder order;
  float deskew_angle = 0;
  iterator.Orientation(&orientation, &writing_direction, &order, &deskew_angle);
  return orientation == tesseract::ORIENTATION_PAGE_UP;
}

// hOCR has a baseline only for upright text; the line of text that runs another way keeps 0 0.
Baseline BaselineAt(const PageIterator& iterator, const Box& line) {
  int x1 = 0, y1 = 0, x2 = 0, y2 = 0;
  if (!StandsUpright(iterator)) return {};
  if (!iterator.Baseline(tesseract::RIL_TEXTLINE, &x1, &y1, &x2, &y2) || x1 == x2) return {};
  const double slope = double(y2 - y1) / (x2 - x1);
  const double offset = (y1 - line.bottom) - slope * (x1 - line.left);
  return Baseline{float(slope), float(offset)};
}

std::string WordTextAt(const ResultIterator& iterator) {
  const std::unique_ptr<char[]> text(iterator.GetUTF8Text(tesseract::RIL_WORD));
  return text ? std::string(text.get()) : std::string();
}

// Opens blocks, paragraphs and lines when the first word inside them arrives: Tesseract has
// elements without words, and they are nobody's business.
class PageTextBuilder {
 public:
  explicit PageTextBuilder(ResultIterator& iterator) : iterator_(iterator) {}

  PageText Build() {
    do {
      NoteBeginnings();
      AddWord();
    } while (iterator_.Next(tesseract::RIL_WORD));
    return std::move(text_);
  }

 private:
  void NoteBeginnings() {
    if (iterator_.IsAtBeginningOf(tesseract::RIL_BLOCK)) block_begins_ = true;
    if (iterator_.IsAtBeginningOf(tesseract::RIL_PARA)) paragraph_begins_ = true;
    if (iterator_.IsAtBeginningOf(tesseract::RIL_TEXTLINE)) line_begins_ = true;
  }

  void AddWord() {
    if (iterator_.Empty(tesseract::RIL_WORD) || IsPicture(iterator_.BlockType())) return;
    std::string word = WordTextAt(iterator_);
    if (word.empty()) return;
    OpenWhatBegins();
    text_.blocks.back().paragraphs.back().lines.back().words.push_back(
        Word{std::move(word), BoxAt(iterator_, tesseract::RIL_WORD),
             iterator_.Confidence(tesseract::RIL_WORD)});
  }

  void OpenWhatBegins() {
    const bool block_opens = block_begins_ || text_.blocks.empty();
    const bool paragraph_opens = block_opens || paragraph_begins_;
    const bool line_opens = paragraph_opens || line_begins_;
    block_begins_ = paragraph_begins_ = line_begins_ = false;
    if (block_opens) text_.blocks.push_back({BoxAt(iterator_, tesseract::RIL_BLOCK), {}});
    auto& paragraphs = text_.blocks.back().paragraphs;
    if (paragraph_opens) paragraphs.push_back({BoxAt(iterator_, tesseract::RIL_PARA), {}});
    if (line_opens) OpenLine(paragraphs.back());
  }

  void OpenLine(Paragraph& paragraph) {
    const Box box = BoxAt(iterator_, tesseract::RIL_TEXTLINE);
    paragraph.lines.push_back({box, BaselineAt(iterator_, box), {}});
  }

  ResultIterator& iterator_;
  PageText text_;
  bool block_begins_ = true;
  bool paragraph_begins_ = true;
  bool line_begins_ = true;
};

}  // namespace

PageText CollectPageText(ResultIterator* iterator) {
  if (iterator == nullptr) return {};
  return PageTextBuilder(*iterator).Build();
}

}  // namespace gnosis
