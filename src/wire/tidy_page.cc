#include "wire/tidy_page.h"

#include <algorithm>
#include <cmath>

#include "page/utf8.h"
#include "wire/messages.h"

namespace gnosis {
namespace {

Box Clamped(const Box& box, int width, int height) {
  Box clamped;
  clamped.left = std::clamp(box.left, 0, width);
  clamped.top = std::clamp(box.top, 0, height);
  clamped.right = std::clamp(box.right, clamped.left, width);
  clamped.bottom = std::clamp(box.bottom, clamped.top, height);
  return clamped;
}

float Within(float number, float min, float max) {
  return std::isnan(number) ? 0 : std::clamp(number, min, max);
}

void TidyLine(Line& line, int width, int height) {
  line.box = Clamped(line.box, width, height);
  line.baseline.slope = Within(line.baseline.slope, -kMaxSlope, kMaxSlope);
  line.baseline.offset = Within(line.baseline.offset, -kMaxOffset, kMaxOffset);
  for (Word& word : line.words) {
    word.text = CleanWord(word.text);
    word.box = Clamped(word.box, width, height);
    word.confidence = Within(word.confidence, 0, 100);
  }
  std::erase_if(line.words, [](const Word& word) { return word.text.empty(); });
}

}  // namespace

PageText TidyWords(PageText text, int width, int height) {
  for (Block& block : text.blocks) {
    block.box = Clamped(block.box, width, height);
    for (Paragraph& paragraph : block.paragraphs) {
      paragraph.box = Clamped(paragraph.box, width, height);
      for (Line& line : paragraph.lines) TidyLine(line, width, height);
    }
  }
  return text;
}

Error TidyError(const Error& error) {
  Error tidy;
  tidy.code = IsChildErrorCode(error.code) ? error.code : ErrorCode::kIo;
  tidy.message = CutText(CleanText(error.message), kMaxReasonBytes);
  tidy.hint = CutText(CleanText(error.hint), kMaxReasonBytes);
  return tidy;
}

bool IsChildErrorCode(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kUnsupportedMediaType:
    case ErrorCode::kPasswordRequired:
    case ErrorCode::kDamaged:
    case ErrorCode::kNoPages:
    case ErrorCode::kTooLarge:
    case ErrorCode::kMissingLanguage:
    case ErrorCode::kUnsupportedFormat:
    case ErrorCode::kIo:
    case ErrorCode::kInternal:
      return true;
    default:
      return false;
  }
}

}  // namespace gnosis
