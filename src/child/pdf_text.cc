#include "child/pdf_text.h"

#include <GfxState.h>
#include <PDFDoc.h>
#include <TextOutputDev.h>
#include <UnicodeTypeTable.h>
#include <goo/gmem.h>

#include <algorithm>
#include <cmath>

#include "page/utf8.h"

namespace gnosis {
namespace {

constexpr double kPointsPerInch = 72;
constexpr int kInvisible = 3;  // text render modes 3 and 7

bool IsWhiteSpace(Unicode u) { return u == ' ' || u == '\t' || u == 0xA0 || u == 0x3000; }

// Codes that do not tell which character is meant.
bool IsBroken(Unicode u) {
  return u == 0xFFFD || u < 0x20 || (u >= 0x7F && u < 0xA0) || (u >= 0xE000 && u <= 0xF8FF) ||
         u >= 0xF0000;
}

bool IsRightToLeft(Unicode u) {
  return (u >= 0x590 && u < 0x900) || (u >= 0xFB1D && u < 0xFE00) || (u >= 0xFE70 && u < 0xFEFF) ||
         (u >= 0x10800 && u < 0x11000) || (u >= 0x1E800 && u < 0x1F000);
}

// Characters in their printed form: ligatures, and joined Arabic letters.
bool IsPresentationForm(Unicode u) {
  return (u >= 0xFB00 && u <= 0xFB06) || (u >= 0xFB1D && u < 0xFE00) || (u >= 0xFE70 && u < 0xFEFF);
}

void AppendUtf8(Unicode u, std::string& text) {
  if (u > 0x10FFFF || (u >= 0xD800 && u < 0xE000)) u = 0xFFFD;
  if (u < 0x80) {
    text += char(u);
    return;
  }
  const int tail = u < 0x800 ? 1 : u < 0x10000 ? 2 : 3;
  constexpr Unicode kLead[] = {0, 0xC0, 0xE0, 0xF0};
  text += char(kLead[tail] | (u >> (6 * tail)));
  for (int i = tail - 1; i >= 0; --i) text += char(0x80 | ((u >> (6 * i)) & 0x3F));
}

void AppendPlain(Unicode u, std::string& text) {
  if (!IsPresentationForm(u)) return AppendUtf8(u, text);
  int count = 0;
  Unicode* plain = unicodeNormalizeNFKC(&u, 1, &count, nullptr);
  for (int i = 0; i < count; ++i) AppendUtf8(plain[i], text);
  gfree(plain);
}

// Poppler keeps letters from left to right as displayed; reading order reverses right-to-left
// letters, but not the numbers and Latin letters between them.
std::string InReadingOrder(const std::vector<Unicode>& letters) {
  std::string text;
  if (std::none_of(letters.begin(), letters.end(), IsRightToLeft)) {
    for (const Unicode u : letters) AppendPlain(u, text);
    return text;
  }
  for (size_t end = letters.size(); end > 0;) {
    size_t begin = end;
    while (begin > 0 && !IsRightToLeft(letters[begin - 1])) --begin;
    for (size_t i = begin; i < end; ++i) AppendPlain(letters[i], text);
    if (begin > 0) AppendPlain(letters[--begin], text);
    end = begin;
  }
  return text;
}

// Counts the letters that poppler's words do not report: those without a meaning, and invisible
// ones.
class LetterCounter : public TextOutputDev {
 public:
  LetterCounter() : TextOutputDev(static_cast<const char*>(nullptr), false, 0, false, false) {}

  void drawChar(GfxState* state, double x, double y, double dx, double dy, double origin_x,
                double origin_y, CharCode code, int byte_count, const Unicode* u,
                int length) override {
    const bool blank = length > 0 ? std::all_of(u, u + length, IsWhiteSpace) : code == ' ';
    if (!blank) {
      ++drawn_;
      if ((state->getRender() & kInvisible) == kInvisible) ++invisible_;
      if (length == 0) ++meaningless_;
    }
    TextOutputDev::drawChar(state, x, y, dx, dy, origin_x, origin_y, code, byte_count, u, length);
  }

  int meaningless() const { return meaningless_; }
  double invisible_share() const { return drawn_ == 0 ? 0 : double(invisible_) / drawn_; }

 private:
  int drawn_ = 0;
  int invisible_ = 0;
  int meaningless_ = 0;
};

class LayerBuilder {
 public:
  LayerBuilder(const PdfTextRequest& request, TextLayer& layer)
      : request_(request), layer_(layer), scale_(request.dpi / kPointsPerInch) {}

  void Add(const TextFlow& flow) {
    Block block;
    for (const TextBlock* lines = flow.getBlocks(); lines; lines = lines->getNext()) {
      Paragraph paragraph = ParagraphOf(*lines);
      if (paragraph.lines.empty()) continue;
      block.box = Union(block.box, paragraph.box);
      block.paragraphs.push_back(std::move(paragraph));
    }
    if (!block.paragraphs.empty()) layer_.words.blocks.push_back(std::move(block));
  }

 private:
  Paragraph ParagraphOf(const TextBlock& lines) {
    Paragraph paragraph;
    for (const TextLine* text_line = lines.getLines(); text_line;
         text_line = text_line->getNext()) {
      Line line = LineOf(*text_line);
      if (line.words.empty()) continue;
      paragraph.box = Union(paragraph.box, line.box);
      paragraph.lines.push_back(std::move(line));
    }
    return paragraph;
  }

  Line LineOf(const TextLine& text_line) {
    Line line;
    const TextWord* upright = nullptr;
    for (const TextWord* word = text_line.getWords(); word; word = word->getNext()) {
      AddWord(*word, line);
      if (word->getRotation() == 0) upright = word;
    }
    if (upright) {
      line.baseline.offset = float(upright->getBaseline() * scale_ - line.box.bottom);
    }
    OrderWords(line.words);
    return line;
  }

  void AddWord(const TextWord& word, Line& line) {
    std::vector<Unicode> letters;
    for (int i = 0; i < word.getLength(); ++i) letters.push_back(*word.getChar(i));
    layer_.characters += int(letters.size());
    layer_.broken_characters += int(std::count_if(letters.begin(), letters.end(), IsBroken));
    std::string text = CleanWord(InReadingOrder(letters));
    if (text.empty()) return;
    const Box box = BoxOf(word);
    line.box = Union(line.box, box);
    line.words.push_back(Word{std::move(text), box, 100});
  }

  // At least one pixel wide and high, within the page.
  Box BoxOf(const TextWord& word) const {
    double left, top, right, bottom;
    word.getBBox(&left, &top, &right, &bottom);
    Box box;
    box.left = Clamped(std::floor(left * scale_), 0, request_.width - 1);
    box.top = Clamped(std::floor(top * scale_), 0, request_.height - 1);
    box.right = Clamped(std::ceil(right * scale_), box.left + 1, request_.width);
    box.bottom = Clamped(std::ceil(bottom * scale_), box.top + 1, request_.height);
    return box;
  }

  static int Clamped(double value, int low, int high) {
    if (!(value > low)) return low;
    return value < high ? int(value) : high;
  }

  static bool ReadsFromTheRight(const Word& word) {
    // The first letter decides: the leading byte of Hebrew to Arabic Extended is 0xD6 to 0xE0.
    const auto lead = uint8_t(word.text[0]);
    return lead >= 0xD6 && lead <= 0xE0;
  }

  // Poppler's words are in order from left to right. In a right-to-left line the last one comes
  // first; runs of left-to-right words keep their order.
  static void OrderWords(std::vector<Word>& words) {
    const auto from_the_right = std::count_if(words.begin(), words.end(), ReadsFromTheRight);
    if (from_the_right * 2 <= std::ptrdiff_t(words.size())) return;
    std::reverse(words.begin(), words.end());
    for (auto at = words.begin(); at != words.end();) {
      const auto run = std::find_if_not(at, words.end(), ReadsFromTheRight);
      const auto end = std::find_if(run, words.end(), ReadsFromTheRight);
      std::reverse(run, end);
      at = end;
    }
  }

  const PdfTextRequest& request_;
  TextLayer& layer_;
  double scale_;
};

}  // namespace

TextLayer ReadPdfText(PDFDoc& pdf, const PdfTextRequest& request) {
  LetterCounter device;
  const double dpi = kPointsPerInch * request.user_unit;
  pdf.displayPage(&device, request.page, dpi, dpi, 0, request.use_media_box, false, false);
  TextLayer layer;
  LayerBuilder builder(request, layer);
  for (const TextFlow* flow = device.getFlows(); flow; flow = flow->getNext()) builder.Add(*flow);
  layer.characters += device.meaningless();
  layer.broken_characters += device.meaningless();
  layer.invisible_share = device.invisible_share();
  return layer;
}

}  // namespace gnosis
