#include "page/page_result.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "base/hash.h"
#include "base/json.h"
#include "support/page_samples.h"

namespace gnosis {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

PageResult CompletedPage() {
  PageResult result = SampleArtefacts().result;
  result.page = 7;
  result.completed = true;
  result.text = PlainText(result.words);
  result.confidence = MeanConfidence(result.words);
  result.image_sha256 = Sha256Hex("image");
  result.preview_sha256 = Sha256Hex("preview");
  result.duration_ms = 1234;
  result.completed_at = *ParseTime("2025-07-11T18:00:00.123Z");
  return result;
}

PageResult FailedPage() {
  PageResult result;
  result.page = 3;
  result.error = Error{ErrorCode::kTimeout, "page 3 took longer than 120 s", "try \"again\"\n"};
  return result;
}

PageResult RandomResult(RandomPages& random) {
  PageResult result = CompletedPage();
  result.page = random.Number(1, 5000);
  result.edition = random.Number(0, 9);
  result.width = random.Number(1, 30'000);
  result.height = random.Number(1, 30'000);
  result.angle = 90 * random.Number(0, 3);
  result.words = random.Words(result.width, result.height);
  result.text = PlainText(result.words);
  result.confidence = MeanConfidence(result.words);
  result.source_reason = random.Text() + " \x01\t" + random.Text();
  return result;
}

void ExpectRoundTrip(const PageResult& result) {
  const std::string bytes = EncodePageResult(result);
  const auto decoded = DecodePageResult(bytes);
  ASSERT_TRUE(decoded.ok()) << decoded.error().message << "\n" << bytes;
  EXPECT_TRUE(*decoded == result) << bytes;
  EXPECT_EQ(EncodePageResult(*decoded), bytes);
}

TEST(PageResultTest, WhatIsWrittenReadsBackTheSame) {
  ExpectRoundTrip(CompletedPage());
  ExpectRoundTrip(FailedPage());
  RandomPages random(1);
  for (int i = 0; i < 200; ++i) ExpectRoundTrip(RandomResult(random));
}

TEST(PageResultTest, HasOneWordPerRowAndEndsInANewline) {
  const std::string bytes = EncodePageResult(CompletedPage());
  EXPECT_THAT(bytes, HasSubstr("\n          {\"text\":\"little\",\"box\":[40,10,60,30],"
                               "\"confidence\":96.5},\n"));
  EXPECT_THAT(bytes, HasSubstr("\n  \"page\": 7,\n"));
  EXPECT_EQ(bytes.back(), '\n');
}

TEST(PageResultTest, IsJsonWhateverTheTextsHold) {
  PageResult result = FailedPage();
  result.error->message = std::string("\xFF\0\x1F\"\\", 5);
  result.confidence = std::numeric_limits<double>::quiet_NaN();
  const auto json = ParseJson(EncodePageResult(result));
  ASSERT_TRUE(json.ok());
  EXPECT_EQ(JsonNumber(*json, "confidence"), 0);
}

TEST(PageResultTest, ComparesEveryField) {
  const PageResult page = CompletedPage();
  PageResult other = page;
  EXPECT_TRUE(page == other);
  other.error = Error{ErrorCode::kIo, "a", "b"};
  EXPECT_FALSE(page == other);
  PageResult third = other;
  EXPECT_TRUE(third == other);
  third.error->hint = "c";
  EXPECT_FALSE(third == other);
  other = page;
  other.words.blocks[0].paragraphs[0].lines[0].words[1].confidence = 1;
  EXPECT_FALSE(page == other);
}

TEST(PageResultTest, ErrorTextIsCodeAndMessage) {
  EXPECT_EQ(ErrorText(*FailedPage().error), "timeout: page 3 took longer than 120 s");
}

// One change to an intact file, and the expected start of the error.
struct Damage {
  std::function<void(Json&)> change;
  std::string error;
};

Json& FirstLine(Json& json) { return json["blocks"][0]["paragraphs"][0]["lines"][0]; }
Json& SecondWord(Json& json) { return FirstLine(json)["words"][1]; }

std::vector<Damage> Damages() {
  const std::string line = "blocks[0].paragraphs[0].lines[0].";
  const std::string word = line + "words[1].";
  return {
      {[](Json& j) { j["schema_version"] = 2; }, "schema_version: 2 is not"},
      {[](Json& j) { j["page"] = 0; }, "page: 0 is not"},
      {[](Json& j) { j["page"] = "7"; }, "page: missing or not"},
      {[](Json& j) { j["page"] = 4294967303; }, "page: "},
      {[](Json& j) { j["edition"] = -1; }, "edition: "},
      {[](Json& j) { j["completed"] = 1; }, "completed: "},
      {[](Json& j) { j["completed"] = false; }, "error: a failed page has none"},
      {[](Json& j) { j.erase("error"); }, "error: missing"},
      {[](Json& j) { j["error"] = "bad"; }, "error.code: "},
      {[](Json& j) {
         j["error"] = {{"code", "nonsense"}};
       },
       "error.code: "},
      {[](Json& j) {
         j["error"] = {{"code", "io"}, {"message", "m"}};
       },
       "error: without"},
      {[](Json& j) {
         j["error"] = {{"code", "io"}, {"message", "m"}, {"hint", "h"}};
       },
       "error: a completed page has one"},
      {[](Json& j) { j["width"] = 80; }, "blocks[0].box: outside the page of 80x50"},
      {[](Json& j) { j["height"] = -1; }, "height: "},
      {[](Json& j) { j["dpi"] = 1.5; }, "dpi: "},
      {[](Json& j) { j["angle"] = 45; }, "angle: "},
      {[](Json& j) { j["language"] = nullptr; }, "language: "},
      {[](Json& j) { j.erase("source"); }, "source: "},
      {[](Json& j) { j["source_reason"] = 1; }, "source_reason: "},
      {[](Json& j) { j["thresholding"] = Json::array(); }, "thresholding: "},
      {[](Json& j) { j["confidence"] = 100.5; }, "confidence: 100.5 is not"},
      {[](Json& j) { j.erase("confidence"); }, "confidence: missing"},
      {[](Json& j) { j["image_sha256"] = "abc"; }, "image_sha256: "},
      {[](Json& j) { j["preview_sha256"] = std::string(64, 'G'); }, "preview_sha256: "},
      {[](Json& j) { j["duration_ms"] = -5; }, "duration_ms: "},
      {[](Json& j) { j["completed_at"] = "yesterday"; }, "completed_at: "},
      {[](Json& j) { j["text"] = 1; }, "text: "},
      {[](Json& j) { j["blocks"] = Json::object(); }, "blocks: "},
      {[](Json& j) { j["blocks"][0] = 3; }, "blocks[0].box: "},
      {[](Json& j) { j["blocks"][0].erase("paragraphs"); }, "blocks[0].paragraphs: "},
      {[](Json& j) { FirstLine(j)["baseline"] = {1}; }, line + "baseline: "},
      {[](Json& j) {
         FirstLine(j)["baseline"] = {1, "2"};
       },
       line + "baseline: "},
      {[](Json& j) {
         FirstLine(j)["baseline"] = {1e300, 0};
       },
       line + "baseline: "},
      {[](Json& j) { SecondWord(j)["text"] = ""; }, word + "text: "},
      {[](Json& j) { SecondWord(j)["text"] = "two words"; }, word + "text: "},
      {[](Json& j) {
         SecondWord(j)["box"] = {1, 2, 3};
       },
       word + "box: "},
      {[](Json& j) {
         SecondWord(j)["box"] = {1, 2, 3, 4.5};
       },
       word + "box: "},
      {[](Json& j) {
         SecondWord(j)["box"] = {30, 2, 3, 4};
       },
       word + "box: inside out"},
      {[](Json& j) {
         SecondWord(j)["box"] = {0, 0, UINT64_MAX, 4};
       },
       word + "box: outside"},
      {[](Json& j) { SecondWord(j)["confidence"] = -0.1; }, word + "confidence: "},
      {[](Json& j) { SecondWord(j).erase("confidence"); }, word + "confidence: "},
  };
}

TEST(PageResultTest, NamesTheDamagedField) {
  const Json intact = *ParseJson(EncodePageResult(CompletedPage()));
  for (const Damage& damage : Damages()) {
    Json json = intact;
    damage.change(json);
    const auto decoded = DecodePageResult(DumpJson(json));
    ASSERT_FALSE(decoded.ok()) << damage.error;
    EXPECT_EQ(decoded.code(), ErrorCode::kDamaged);
    EXPECT_THAT(decoded.error().message, StartsWith(damage.error));
  }
}

TEST(PageResultTest, TakesFieldsOfALaterVersion) {
  Json json = *ParseJson(EncodePageResult(CompletedPage()));
  json["columns"] = 2;
  EXPECT_TRUE(DecodePageResult(DumpJson(json)).ok());
}

TEST(PageResultTest, RefusesWhatIsNoObject) {
  for (const char* bytes : {"", "null", "[]", "7", "{", "{}", "\xFF"}) {
    const auto decoded = DecodePageResult(bytes);
    ASSERT_FALSE(decoded.ok()) << bytes;
    EXPECT_EQ(decoded.code(), ErrorCode::kDamaged);
  }
}

TEST(PageResultTest, NoFlippedBitOrCutCrashesTheReader) {
  const std::string bytes = EncodePageResult(CompletedPage());
  int refused = 0;
  // A stride that is coprime to 8 covers every byte and every bit position.
  for (size_t bit = 0; bit < bytes.size() * 8; bit += 7) {
    std::string damaged = bytes;
    damaged[bit / 8] = char(damaged[bit / 8] ^ (1 << (bit % 8)));
    const auto decoded = DecodePageResult(damaged);
    if (decoded.ok()) {
      ExpectRoundTrip(*decoded);
    } else {
      ++refused;
    }
  }
  EXPECT_GT(refused, 200);
  // Without the last brace and newline it is not JSON.
  for (size_t size = 0; size + 2 < bytes.size(); size += 3) {
    EXPECT_FALSE(DecodePageResult(bytes.substr(0, size)).ok());
  }
}

}  // namespace
}  // namespace gnosis
