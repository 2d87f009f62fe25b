#include <fmt/format.h>

#include <cmath>
#include <iterator>
#include <utility>

#include "output/writers.h"
#include "page/utf8.h"

namespace gnosis {
namespace {

std::string EscapeXml(std::string_view text) {
  std::string escaped;
  // CleanText removes what XML 1.0 cannot represent, not even as a character reference.
  for (const char c : CleanText(text)) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

// "-4", "0.003": at most three decimals, no trailing zeros, no "-0", always a number.
std::string Decimal(float value) {
  if (!std::isfinite(value)) return "0";
  std::string digits = fmt::format("{:.3f}", value);
  digits.erase(digits.find_last_not_of('0') + 1);
  if (digits.back() == '.') digits.pop_back();
  return digits == "-0" ? "0" : digits;
}

std::string BoxText(const Box& box) {
  return fmt::format("bbox {} {} {} {}", box.left, box.top, box.right, box.bottom);
}

// hOCR has no property for several languages, and naming one would mostly be wrong.
std::string LanguageAttribute(const std::string& language) {
  if (language.empty() || language.find_first_of("+/") != std::string::npos) return "";
  return fmt::format(" lang='{0}' xml:lang='{0}'", EscapeXml(language));
}

// Ids are numbered consecutively within a page.
class PageBody {
 public:
  PageBody(const PageResult& page, const OutputHead& head) : page_(page), head_(head) {}

  std::string Build() {
    Append("  <div class='{}' id='page_{}' title='{}'>\n",
           page_.completed ? "ocr_page" : "ocr_page gnosis_failed", page_.page, PageTitle());
    if (page_.completed) {
      for (const Block& block : page_.words.blocks) AddBlock(block);
    } else {
      Append("   <p class='gnosis_failed'>{}</p>\n", EscapeXml(TextOrMarker(page_)));
    }
    Append("  </div>\n");
    return std::move(html_);
  }

 private:
  template <typename... Values>
  void Append(fmt::format_string<Values...> format, Values&&... values) {
    fmt::format_to(std::back_inserter(html_), format, std::forward<Values>(values)...);
  }

  // A page that failed before it was rendered has no image.
  std::string PageTitle() const {
    std::string title;
    if (!page_.image_sha256.empty() && head_.image_name) {
      title = fmt::format("image \"{}\"; ", EscapeXml(head_.image_name(page_.page)));
    }
    title += BoxText({0, 0, page_.width, page_.height});
    title += fmt::format("; ppageno {}", page_.page - 1);
    if (page_.dpi > 0) title += fmt::format("; scan_res {0} {0}", page_.dpi);
    return title;
  }

  void AddBlock(const Block& block) {
    Append("   <div class='ocr_carea' id='block_{}_{}' title='{}'>\n", page_.page, ++blocks_,
           BoxText(block.box));
    for (const Paragraph& paragraph : block.paragraphs) AddParagraph(paragraph);
    Append("   </div>\n");
  }

  void AddParagraph(const Paragraph& paragraph) {
    Append("    <p class='ocr_par' id='par_{}_{}'{} title='{}'>\n", page_.page, ++paragraphs_,
           LanguageAttribute(page_.language), BoxText(paragraph.box));
    for (const Line& line : paragraph.lines) AddLine(line);
    Append("    </p>\n");
  }

  void AddLine(const Line& line) {
    Append("     <span class='ocr_line' id='line_{}_{}' title='{}; baseline {} {}'>\n", page_.page,
           ++lines_, BoxText(line.box), Decimal(line.baseline.slope),
           Decimal(line.baseline.offset));
    for (const Word& word : line.words) AddWord(word);
    Append("     </span>\n");
  }

  void AddWord(const Word& word) {
    Append("      <span class='ocrx_word' id='word_{}_{}' title='{}; x_wconf {:.0f}'>{}</span>\n",
           page_.page, ++words_, BoxText(word.box),
           std::isfinite(word.confidence) ? word.confidence : 0.0F, EscapeXml(word.text));
  }

  const PageResult& page_;
  const OutputHead& head_;
  std::string html_;
  int blocks_ = 0;
  int paragraphs_ = 0;
  int lines_ = 0;
  int words_ = 0;
};

std::string DocumentHead(const OutputHead& head, int pages) {
  return fmt::format(
      R"(<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<html xmlns="http://www.w3.org/1999/xhtml">
 <head>
  <title>{}</title>
  <meta http-equiv="Content-Type" content="text/html; charset=utf-8"/>
  <meta name="ocr-system" content="gnosis-ocr {}"/>
  <meta name="ocr-capabilities" content="ocr_page ocr_carea ocr_par ocr_line ocrx_word ocrp_lang ocrp_wconf"/>
  <meta name="ocr-number-of-pages" content="{}"/>
 </head>
 <body>
)",
      EscapeXml(head.file_name), EscapeXml(head.program_version), pages);
}

constexpr std::string_view kDocumentEnd = " </body>\n</html>\n";

class HocrWriter : public OutputWriter {
 public:
  explicit HocrWriter(Sink sink) : sink_(std::move(sink)) {}

  Status Begin(const OutputHead& head) override {
    head_ = head;
    return sink_(DocumentHead(head, head.total_pages));
  }
  Status Page(const PageResult& page) override { return sink_(PageBody(page, head_).Build()); }
  Status End() override { return sink_(kDocumentEnd); }

 private:
  const Sink sink_;
  OutputHead head_;
};

}  // namespace

std::unique_ptr<OutputWriter> NewHocrWriter(Sink sink) {
  return std::make_unique<HocrWriter>(std::move(sink));
}

std::string PageHocr(const PageResult& page, const OutputHead& head) {
  return DocumentHead(head, 1) + PageBody(page, head).Build() + std::string(kDocumentEnd);
}

}  // namespace gnosis
