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

class PageTextBuilder {
 public:
  explicit PageTextBuilder(ResultIterator& iterator) : iterator_(iterator) {}

  PageText Build() {
    do {
      beginnings_.Note(iterator_);
      AddWord();
    } while (iterator_.Next(tesseract::RIL_WORD));
    return std::move(text_);
  }

 private:
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
    const Beginnings::Opening opening = beginnings_.Take();
    if (opening.block) text_.blocks.push_back({BoxAt(iterator_, tesseract::RIL_BLOCK), {}});
    auto& paragraphs = text_.blocks.back().paragraphs;
    if (opening.paragraph) paragraphs.push_back({BoxAt(iterator_, tesseract::RIL_PARA), {}});
    if (opening.line) OpenLine(paragraphs.back());
  }

  void OpenLine(Paragraph& paragraph) {
    const Box box = BoxAt(iterator_, tesseract::RIL_TEXTLINE);
    paragraph.lines.push_back({box, BaselineAt(iterator_, box), {}});
  }

  ResultIterator& iterator_;
  PageText text_;
  Beginnings beginnings_;
};

}  // namespace

PageText CollectPageText(ResultIterator* iterator) {
  if (iterator == nullptr) return {};
  return PageTextBuilder(*iterator).Build();
}

}  // namespace gnosis
