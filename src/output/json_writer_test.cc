#include <gtest/gtest.h>

#include <limits>

#include "base/json.h"
#include "support/written_pages.h"

namespace gnosis {
namespace {

std::string JsonOf(const std::vector<PageResult>& pages) { return Written("json", pages); }

TEST(JsonWriter, WritesTheHeadAndOnePagePerRow) {
  EXPECT_EQ(
      JsonOf({SamplePage(1), FailedPage(2)}),
      R"({
  "schema_version": 1,
  "file_name": "letter.pdf",
  "sha256": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
  "total_pages": 2,
  "languages": "eng",
  "program": "gnosis-ocr 0.1.0",
  "pages": [
    {"page":1,"status":"completed","error":null,"text":"Dear Ada,\n","width":2480,"height":3508,)"
      R"("dpi":300,"angle":0,"language":"eng","source":"tesseract 5.3.0",)"
      R"("source_reason":"no text layer","confidence":93.88,)"
      R"("blocks":[{"box":[100,200,400,240],"paragraphs":[{"box":[100,200,400,240],)"
      R"("lines":[{"box":[100,200,400,240],"baseline":[0.0125,-4.0],)"
      R"("words":[{"text":"Dear","box":[100,200,220,240],"confidence":96.5},)"
      R"({"text":"Ada,","box":[250,200,400,238],"confidence":91.25}]}]}]}]},
    {"page":2,"status":"failed","error":{"code":"damaged",)"
      R"("message":"the page's content stream is broken","hint":"ask the sender for a new copy"},)"
      R"("text":"","width":0,"height":0,"dpi":0,"angle":0,"language":"","source":"",)"
      R"("source_reason":"","confidence":null,"blocks":[]}
  ]
}
)");
}

TEST(JsonWriter, IsJsonWithoutAnyPage) {
  const auto json = ParseJson(JsonOf({}));
  ASSERT_TRUE(json.ok());
  EXPECT_EQ((*json)["pages"], Json::array());
}

TEST(JsonWriter, EscapesWhatIsInTheText) {
  PageResult page = PageSaying(1, "\"quoted\\\"");
  page.text = "tab\there \x01 \"end\"\n";
  const auto json = ParseJson(JsonOf({page}));
  ASSERT_TRUE(json.ok());
  EXPECT_EQ((*json)["pages"][0]["text"], page.text);
  const Json& line = (*json)["pages"][0]["blocks"][0]["paragraphs"][0]["lines"][0];
  EXPECT_EQ(line["words"][0]["text"], "\"quoted\\\"");
}

TEST(JsonWriter, SurvivesBrokenUtf8AndNumbersThatAreNone) {
  OutputHead head = SampleHead(1);
  head.file_name = "bad\xFFname\xC3.pdf";
  PageResult page = PageSaying(1, "w\xE2\x82rd");
  Line& line = page.words.blocks[0].paragraphs[0].lines[0];
  line.words[0].confidence = std::numeric_limits<float>::quiet_NaN();
  line.baseline.slope = std::numeric_limits<float>::infinity();
  const auto json = ParseJson(Written("json", head, {page}));
  ASSERT_TRUE(json.ok());
  EXPECT_EQ((*json)["file_name"], "bad\xEF\xBF\xBDname\xEF\xBF\xBD.pdf");
  const Json& written = (*json)["pages"][0]["blocks"][0]["paragraphs"][0]["lines"][0];
  EXPECT_TRUE(written["words"][0]["confidence"].is_null());
  EXPECT_TRUE(written["baseline"][0].is_null());
}

TEST(JsonWriter, WritesNoDigitsThatOnlyAFloatHas) {
  PageResult page = PageSaying(1, "word");
  page.words.blocks[0].paragraphs[0].lines[0].words[0].confidence = 96.1F;
  EXPECT_NE(JsonOf({page}).find("\"confidence\":96.1}"), std::string::npos);
}

}  // namespace
}  // namespace gnosis
