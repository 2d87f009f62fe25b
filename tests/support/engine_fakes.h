// For tests: a recogniser that answers what it was told to, and pages to show it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/ocr_engine.h"

namespace gnosis {

inline Raster WhiteSheet(int width, int height) {
  return Raster{width, height, 300, PixelFormat::kGray8,
                std::vector<uint8_t>(size_t(width) * height, 255)};
}

// With as much ink as a page of text; not square, so that its sides tell how it lies.
inline Raster InkedSheet(int width = 640, int height = 480) {
  Raster sheet = WhiteSheet(width, height);
  for (int y = 0; y < height; y += 4) {
    for (int x = 0; x < width; x += 4) sheet.row(y)[x] = 0;
  }
  return sheet;
}

// A page of `count` words of six letters, six to a line, on the left of the page.
inline PageText PageOfWords(int count, float confidence) {
  Paragraph paragraph;
  for (int i = 0; i < count; ++i) {
    const int top = i / 6 * 20;
    if (i % 6 == 0) paragraph.lines.push_back({{0, top, 300, top + 15}, {}, {}});
    const int left = i % 6 * 50;
    paragraph.lines.back().words.push_back(
        {"letter", {left, top, left + 45, top + 15}, confidence});
  }
  if (count == 0) return {};
  paragraph.box = {0, 0, 300, (count + 5) / 6 * 20};
  return PageText{{Block{paragraph.box, {paragraph}}}};
}

// The same words in lines that run down the page.
inline PageText SidewaysPage(int count, float confidence) {
  PageText page = PageOfWords(count, confidence);
  const auto flip = [](Box& box) { box = {box.top, box.left, box.bottom, box.right}; };
  for (Line& line : page.blocks.at(0).paragraphs.at(0).lines) {
    flip(line.box);
    for (Word& word : line.words) flip(word.box);
  }
  return page;
}

class FakeEngine final : public OcrEngine {
 public:
  struct Asked {
    int width;
    Thresholding thresholding;
    bool operator==(const Asked&) const = default;
  };

  std::string Version(const std::vector<std::string>&) override { return "fake 1"; }
  Result<PageText> Recognise(const Raster& gray, const RecogniseRequest& request) override {
    asked.push_back({gray.width, request.thresholding});
    dpi = request.dpi;
    effort = request.effort;
    languages = request.languages;
    return read(gray, request.thresholding);
  }
  Result<std::optional<Orientation>> FindOrientation(const Raster&, Thresholding) override {
    ++orientation_asked;
    return orientation;
  }

  std::function<Result<PageText>(const Raster&, Thresholding)> read =
      [](const Raster&, Thresholding) { return PageOfWords(60, 95); };
  std::optional<Orientation> orientation;
  std::vector<Asked> asked;
  int orientation_asked = 0;
  int dpi = -1;
  Effort effort = Effort::kFull;
  std::vector<std::string> languages;
};

}  // namespace gnosis
