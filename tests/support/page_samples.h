// Pages for tests.
#pragma once

#include <random>
#include <string>

#include "page/page_request.h"
#include "page/page_result.h"
#include "page/page_text.h"

namespace gnosis {

// The first bytes of a PNG: as much of one as the parent looks at.
inline std::string PngOfSize(uint32_t width, uint32_t height) {
  std::string png("\x89PNG\r\n\x1A\n\0\0\0\rIHDR", 16);
  for (const uint32_t side : {width, height}) {
    for (int shift = 24; shift >= 0; shift -= 8) png += char(side >> shift);
  }
  return png + "the rest";
}

inline Word WordAt(std::string text, int left) {
  return Word{std::move(text), Box{left, 10, left + 20, 30}, 96.5F};
}

// One line: "three little words", on a page of at least 100x50.
inline PageText SampleText() {
  const Box box{10, 10, 90, 30};
  Line line{box, Baseline{0.0125F, -3.25F}, {}};
  line.words = {WordAt("three", 10), WordAt("little", 40), WordAt("w\u00F6rds", 70)};
  return PageText{{Block{box, {Paragraph{box, {line}}}}}};
}

inline PageArtefacts SampleArtefacts() {
  PageArtefacts artefacts;
  PageResult& result = artefacts.result;
  result.words = SampleText();
  result.width = 100;
  result.height = 50;
  result.dpi = 300;
  result.angle = 90;
  result.language = "eng";
  result.source = "tesseract 5.3.0";
  result.source_reason = "no text layer";
  result.thresholding = "otsu";
  artefacts.image_png = PngOfSize(100, 50);
  artefacts.preview_jpeg = "\xFF\xD8\xFF preview";
  return artefacts;
}

// Any words, boxes and numbers that a page of `width` x `height` may have.
class RandomPages {
 public:
  explicit RandomPages(uint32_t seed) : random_(seed) {}

  int Number(int min, int max) { return std::uniform_int_distribution(min, max)(random_); }

  std::string Text() {
    static const std::string kLetters[] = {"a",      "Z",       "\"",     "\\",
                                           "</",     "\u00E9",  "\u4E2D", "\U0001F600",
                                           "\u0644", "e\u0301", "&",      "'"};
    std::string text;
    for (int left = Number(1, 8); left > 0; --left) text += kLetters[Number(0, 11)];
    return text;
  }

  Box BoxWithin(int width, int height) {
    const int left = Number(0, width);
    const int top = Number(0, height);
    return Box{left, top, Number(left, width), Number(top, height)};
  }

  PageText Words(int width, int height) {
    PageText text;
    text.blocks.resize(size_t(Number(0, 3)));
    for (Block& block : text.blocks) {
      block.box = BoxWithin(width, height);
      block.paragraphs.resize(size_t(Number(0, 3)));
      for (Paragraph& paragraph : block.paragraphs) {
        paragraph.box = BoxWithin(width, height);
        paragraph.lines.resize(size_t(Number(0, 3)));
        for (Line& line : paragraph.lines) FillLine(line, width, height);
      }
    }
    return text;
  }

 private:
  void FillLine(Line& line, int width, int height) {
    line.box = BoxWithin(width, height);
    line.baseline = {float(Number(-9999, 9999) / 10000.0), float(Number(-99999, 99999) / 100.0)};
    line.words.resize(size_t(Number(0, 4)));
    for (Word& word : line.words) {
      word = Word{Text(), BoxWithin(width, height), float(Number(0, 10000) / 100.0)};
    }
  }

  std::mt19937 random_;
};

}  // namespace gnosis
