#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <limits>
#include <regex>
#include <set>

#include "base/file.h"
#include "support/written_pages.h"

namespace gnosis {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string HocrOf(const std::vector<PageResult>& pages) { return Written("hocr", pages); }

TEST(HocrWriter, WritesBlocksParagraphsLinesAndWordsOfEveryPage) {
  EXPECT_EQ(HocrOf({SamplePage(1), FailedPage(2)}),
            R"(<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<html xmlns="http://www.w3.org/1999/xhtml">
 <head>
  <title>letter.pdf</title>
  <meta http-equiv="Content-Type" content="text/html; charset=utf-8"/>
  <meta name="ocr-system" content="gnosis-ocr 0.1.0"/>
  <meta name="ocr-capabilities" content="ocr_page ocr_carea ocr_par ocr_line ocrx_word ocrp_lang ocrp_wconf"/>
  <meta name="ocr-number-of-pages" content="2"/>
 </head>
 <body>
  <div class='ocr_page' id='page_1' title='image "page_001.png"; bbox 0 0 2480 3508; ppageno 0; scan_res 300 300'>
   <div class='ocr_carea' id='block_1_1' title='bbox 100 200 400 240'>
    <p class='ocr_par' id='par_1_1' lang='eng' xml:lang='eng' title='bbox 100 200 400 240'>
     <span class='ocr_line' id='line_1_1' title='bbox 100 200 400 240; baseline 0.013 -4'>
      <span class='ocrx_word' id='word_1_1' title='bbox 100 200 220 240; x_wconf 96'>Dear</span>
      <span class='ocrx_word' id='word_1_2' title='bbox 250 200 400 238; x_wconf 91'>Ada,</span>
     </span>
    </p>
   </div>
  </div>
  <div class='ocr_page gnosis_failed' id='page_2' title='bbox 0 0 0 0; ppageno 1'>
   <p class='gnosis_failed'>[page 2 could not be read: the page&#39;s content stream is broken]</p>
  </div>
 </body>
</html>
)");
}

TEST(HocrWriter, EscapesText) {
  EXPECT_THAT(HocrOf({PageSaying(1, "<b>\"A&B\"</b>")}),
              HasSubstr(">&lt;b&gt;&quot;A&amp;B&quot;&lt;/b&gt;</span>"));
}

TEST(HocrWriter, LeavesOutWhatXmlCannotHold) {
  EXPECT_THAT(HocrOf({PageSaying(1, std::string("a\0b\x1B\x0C\x63\xEF\xBF\xBF", 9))}),
              HasSubstr(">abc</span>"));
}

TEST(HocrWriter, NamesAPageImageAsItIsTold) {
  OutputHead head = SampleHead(1);
  head.image_name = [](int page) { return fmt::format("<{}>.png", page); };
  EXPECT_THAT(Written("hocr", head, {SamplePage(7)}), HasSubstr("image \"&lt;7&gt;.png\"; bbox"));
  EXPECT_THAT(PageHocr(SamplePage(7), head), HasSubstr("image \"&lt;7&gt;.png\"; bbox"));
}

TEST(HocrWriter, NamesNoImageWhenItIsNotToldHow) {
  OutputHead head = SampleHead(1);
  head.image_name = nullptr;
  EXPECT_THAT(Written("hocr", head, {SamplePage(7)}), Not(HasSubstr("image")));
}

TEST(HocrWriter, NamesNoLanguageWhereThereMayBeSeveral) {
  PageResult page = SamplePage(1);
  for (const std::string language : {"eng+deu", "script/Latin", ""}) {
    page.language = language;
    EXPECT_THAT(HocrOf({page}), Not(HasSubstr("lang='"))) << language;
  }
}

TEST(HocrWriter, GivesNoIdTwice) {
  PageResult page = SamplePage(1);
  page.words.blocks.push_back(page.words.blocks[0]);
  page.words.blocks[0].paragraphs.push_back(page.words.blocks[0].paragraphs[0]);
  PageResult second = page;
  second.page = 2;
  const std::string hocr = HocrOf({page, second});
  const std::regex id_attribute(" id='([^']*)'");
  std::set<std::string> ids;
  int found = 0;
  for (std::sregex_iterator id(hocr.begin(), hocr.end(), id_attribute), end; id != end; ++id) {
    ids.insert((*id)[1]);
    ++found;
  }
  EXPECT_EQ(found, 2 * (1 + 2 + 3 + 3 + 6));
  EXPECT_EQ(int(ids.size()), found);
}

TEST(HocrWriter, WritesAFlatBaselineWithoutASign) {
  PageResult page = SamplePage(1);
  page.words.blocks[0].paragraphs[0].lines[0].baseline = {-0.0001F, -0.0F};
  EXPECT_THAT(HocrOf({page}), HasSubstr("baseline 0 0'"));
}

TEST(HocrWriter, WritesOnlyNumbersAsNumbers) {
  PageResult page = PageSaying(1, "word");
  Line& line = page.words.blocks[0].paragraphs[0].lines[0];
  line.baseline.slope = std::numeric_limits<float>::quiet_NaN();
  line.words[0].confidence = std::numeric_limits<float>::infinity();
  EXPECT_THAT(HocrOf({page}), HasSubstr("baseline 0 -4'"));
  EXPECT_THAT(HocrOf({page}), HasSubstr("x_wconf 0'"));
}

TEST(PageHocr, IsAWholeDocumentOfOnePage) {
  const std::string hocr = PageHocr(SamplePage(2), SampleHead(5));
  EXPECT_THAT(hocr, HasSubstr("<?xml"));
  EXPECT_THAT(hocr, HasSubstr("ocr-number-of-pages\" content=\"1\""));
  EXPECT_THAT(hocr, HasSubstr("id='page_2'"));
  EXPECT_THAT(hocr, HasSubstr("ppageno 1"));
  EXPECT_THAT(hocr, HasSubstr("</html>\n"));
}

// 0: `xml` is well-formed; 1: it is not; anything else: no parser is available.
int ParseXml(const std::string& xml) {
  const TemporaryFolder folder;
  const std::string path = folder.path() / "page.hocr";
  std::ofstream(path, std::ios::binary) << xml;
  const std::string command = fmt::format(
      "python3 -c 'import sys, xml.dom.minidom as dom\n"
      "try: dom.parse(sys.argv[1])\n"
      "except Exception: sys.exit(1)' '{}' 2>/dev/null",
      path);
  const int status = std::system(command.c_str());
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(HocrWriter, IsWellFormedXmlWhateverThePagesHold) {
  if (ParseXml("<a/>") != 0 || ParseXml("<a>") != 1) GTEST_SKIP() << "no XML parser in python3";
  std::string every_byte;
  for (int byte = 0; byte < 256; ++byte) every_byte += char(byte);
  OutputHead head = SampleHead(3);
  head.file_name = every_byte;
  PageResult failed = FailedPage(2);
  failed.error->message = "-->]]></p>" + every_byte;
  PageResult odd_language = SamplePage(3);
  odd_language.language = "'><x" + every_byte.substr('0', 10);
  const std::string hocr =
      Written("hocr", head, {PageSaying(1, every_byte), failed, odd_language, EmptyPage(4)});
  EXPECT_EQ(ParseXml(hocr), 0) << hocr;
}

}  // namespace
}  // namespace gnosis
