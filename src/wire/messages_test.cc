#include "wire/messages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "support/page_samples.h"
#include "wire/tidy_page.h"

namespace gnosis {
namespace {

using testing::HasSubstr;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

TEST(PageWireTest, WordsTravelUnchanged) {
  RandomPages random(2);
  for (int i = 0; i < 200; ++i) {
    const PageText text = random.Words(1000, 2000);
    const auto bytes = EncodeWords(text);
    ASSERT_TRUE(bytes.ok());
    const auto decoded = DecodeWords(*bytes, 1000, 2000);
    ASSERT_TRUE(decoded.ok()) << decoded.error().message;
    EXPECT_EQ(*decoded, text);
  }
}

TEST(PageWireTest, NumbersComeOutRounded) {
  PageText text = SampleText();
  Line& line = text.blocks[0].paragraphs[0].lines[0];
  line.words[0].confidence = 91.23456F;
  line.baseline = {0.012345F, -3.14159F};
  const auto decoded = DecodeWords(*EncodeWords(text), 100, 50);
  ASSERT_TRUE(decoded.ok());
  const Line& out = decoded->blocks[0].paragraphs[0].lines[0];
  EXPECT_EQ(out.words[0].confidence, 91.23F);
  EXPECT_EQ(out.baseline, (Baseline{0.0123F, -3.14F}));
}

TEST(PageWireTest, RefusesToSendMoreWordsThanAPageMayHave) {
  PageText text = SampleText();
  std::vector<Word>& words = text.blocks[0].paragraphs[0].lines[0].words;
  words.resize(kMaxPageRecords, WordAt("x", 1));
  EXPECT_TRUE(EncodeWords(text).ok());
  words.push_back(WordAt("x", 1));
  const auto bytes = EncodeWords(text);
  ASSERT_FALSE(bytes.ok());
  EXPECT_EQ(bytes.code(), ErrorCode::kTooLarge);
  EXPECT_THAT(bytes.error().message, HasSubstr("250000"));
}

TEST(PageWireTest, NoFlippedBitCutOrExtraByteCrashesTheDecoder) {
  const std::string bytes = *EncodeWords(SampleText());
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string damaged = bytes;
    damaged[bit / 8] = char(damaged[bit / 8] ^ (1 << (bit % 8)));
    (void)DecodeWords(damaged, 100, 50);
  }
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(DecodeWords(bytes.substr(0, size), 100, 50).ok());
  }
  EXPECT_FALSE(DecodeWords(bytes + "x", 100, 50).ok());
}

TEST(PageWireTest, TextFieldsSayTheirSize) {
  WireText<8> field;
  PutText(field, "1234567");
  EXPECT_EQ(GetText(field), "1234567");
  PutText(field, "12");
  EXPECT_EQ(GetText(field), "12");
  EXPECT_EQ(field.bytes[2], '\0');
  field.size_bytes = 8;
  EXPECT_EQ(GetText(field), std::nullopt);
}

TEST(TidyPageTest, TidyWordsPassTheParentsChecks) {
  PageText text = SampleText();
  Line& line = text.blocks[0].paragraphs[0].lines[0];
  text.blocks[0].box = {-5, -5, 101, 51};
  text.blocks[0].paragraphs[0].box = {90, 40, 10, 10};
  line.box = {200, 200, 300, 300};
  line.baseline = {kNan, kInfinity};
  line.words = {WordAt("a\x01 b\xFF", 95), WordAt("\n", 1), WordAt("", 1)};
  line.words[0].confidence = kNan;
  const auto decoded = DecodeWords(*EncodeWords(TidyWords(text, 100, 50)), 100, 50);
  ASSERT_TRUE(decoded.ok()) << decoded.error().message;
  EXPECT_EQ(PlainText(*decoded), "ab\uFFFD\n");
  EXPECT_EQ(decoded->blocks[0].box, (Box{0, 0, 100, 50}));
  EXPECT_EQ(decoded->blocks[0].paragraphs[0].lines[0].words[0].box, (Box{95, 10, 100, 30}));
}

TEST(TidyPageTest, LeavesTidyWordsAlone) {
  EXPECT_EQ(TidyWords(SampleText(), 100, 50), SampleText());
}

TEST(TidyPageTest, ErrorsAreCutAndKeepToTheChildsCodes) {
  const Error tidy = TidyError({ErrorCode::kGone, std::string(600, 'x') + "\n", "a\tb\xFF"});
  EXPECT_EQ(tidy.code, ErrorCode::kIo);
  EXPECT_EQ(tidy.message.size(), kMaxReasonBytes);
  EXPECT_EQ(tidy.hint, "ab\uFFFD");
  EXPECT_EQ(TidyError({ErrorCode::kPasswordRequired, "m", ""}).code, ErrorCode::kPasswordRequired);
}

}  // namespace
}  // namespace gnosis
