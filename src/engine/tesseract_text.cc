#include "engine/tesseract_text.h"

#include <memory>
#include <string>
#include <utility>

#include "engine/tesseract_page.h"

namespace gnosis {
namespace {

using tesseract::ResultIterator;

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
