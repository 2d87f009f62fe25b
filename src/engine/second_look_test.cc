#include "engine/second_look.h"

#include <gmock/gmock.h>

#include "support/painted_page.h"

namespace gnosis {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr int kHeight = PaintedPage::kXHeight;

class SecondLookTest : public ::testing::Test {
 protected:
  SecondLookTest() {
    for (int baseline = 100; baseline <= 300; baseline += PaintedPage::kPitch) Line(50, baseline);
  }

  // Written on the page, and read.
  gnosis::Line& Line(int left, int baseline, std::string_view letters = kPaintedLine,
                     float confidence = 95) {
    const int right = page_.Write(left, baseline, letters);
    const Box box{left, baseline - kHeight * 3 / 2, right, baseline + kHeight / 2};
    auto& lines = words_.blocks[0].paragraphs[0].lines;
    lines.push_back({box, {}, {{std::string(letters), box, confidence}}});
    return lines.back();
  }
  std::optional<RestOfPage> Rest() {
    return FindRest(page_.raster(), FindPageInk(page_.raster()), words_);
  }
  static int InkOf(const Raster& image) {
    int ink = 0;
    for (const uint8_t pixel : image.pixels) ink += pixel < 128 ? 1 : 0;
    return ink;
  }

  PaintedPage page_{1000, 800};
  PageText words_{{Block{{}, {Paragraph{}}}}};
};

TEST_F(SecondLookTest, APageThatIsReadLeavesNothing) { EXPECT_FALSE(Rest().has_value()); }

TEST_F(SecondLookTest, RulesDirtAndTheEdgesOfTheSheetAreNothing) {
  page_.Fill({50, 400, 900, 404});
  page_.Fill({700, 100, 704, 390});
  page_.Fill({800, 500, 804, 504});
  page_.Fill({0, 0, 12, 800});
  page_.Fill({3, 600, 20, 620});
  EXPECT_FALSE(Rest().has_value());
}

TEST_F(SecondLookTest, WordsThatNobodyReadAreLeft) {
  page_.Write(300, 600, "xlxpx");
  const auto rest = Rest();
  ASSERT_TRUE(rest.has_value());
  EXPECT_THAT(rest->lines_again, IsEmpty());
  EXPECT_TRUE(rest->is_little);
  EXPECT_EQ(rest->ink.pieces->size(), 5u);
  EXPECT_EQ(InkOf(rest->image), (3 * 14 * 20 + 14 * 30 + 14 * 30));
  EXPECT_LE(rest->box.left, 300 - 10);
  EXPECT_GE(rest->box.bottom, 600 + 20);
  EXPECT_EQ(rest->image.width, Width(rest->box));
  EXPECT_EQ(rest->image.height, Height(rest->box));
}

TEST_F(SecondLookTest, MuchTextIsWorthASlowReading) {
  page_.Write(300, 600, kPaintedLine);
  ASSERT_TRUE(Rest().has_value());
  EXPECT_FALSE(Rest()->is_little);
}

TEST_F(SecondLookTest, ANumberFarFromItsEntryIsLeft) {
  page_.Write(850, 150, "l");
  const auto rest = Rest();
  ASSERT_TRUE(rest.has_value());
  EXPECT_EQ(rest->ink.pieces->size(), 1u);
  EXPECT_THAT(rest->lines_again, IsEmpty());
}

TEST_F(SecondLookTest, ASpotElsewhereIsNot) {
  page_.Write(850, 600, "l");
  EXPECT_FALSE(Rest().has_value());
}

TEST_F(SecondLookTest, ALineThatMissesALetterIsReadAgainAsAWhole) {
  gnosis::Line& line = Line(100, 500, "xxxlx");
  line.words[0].box.left += 18;  // its first letter was not read
  const auto rest = Rest();
  ASSERT_TRUE(rest.has_value());
  EXPECT_THAT(rest->lines_again, ElementsAre(line.box));
  EXPECT_EQ(rest->ink.pieces->size(), 5u);
}

TEST_F(SecondLookTest, LinesReadBadlyAreReadAgainWhenThereAreEnough) {
  Line(100, 500, "xxxxxxxxxxxxxxxxxxxxxxxxx", 30);
  EXPECT_FALSE(Rest().has_value());
  Line(100, 550, "xxxxxxxxxxxxxxxxxxxxxxxxx", 30);
  const auto rest = Rest();
  ASSERT_TRUE(rest.has_value());
  EXPECT_EQ(rest->lines_again.size(), 2u);
  EXPECT_FALSE(rest->is_little);
}

TEST_F(SecondLookTest, LettersOnARuleAreLeftWithoutIt) {
  page_.Write(300, 600, "xlxxlx");
  page_.Fill({200, 600, 800, 604});
  const auto rest = Rest();
  ASSERT_TRUE(rest.has_value());
  EXPECT_EQ(rest->ink.pieces->size(), 6u);
  EXPECT_EQ(InkOf(rest->image), 4 * 14 * 20 + 2 * 14 * 30);
}

TEST_F(SecondLookTest, LightLettersInADarkPanelAreLeftAsDarkOnes) {
  page_.Fill({100, 500, 700, 560});
  Raster raster = page_.raster();
  for (int y = 520; y < 540; ++y) {
    for (int letter = 0; letter < 5; ++letter) {
      for (int x = 0; x < 14; ++x) raster.row(y)[150 + letter * 18 + x] = 250;
    }
  }
  const auto rest = FindRest(raster, FindPageInk(raster), words_);
  ASSERT_TRUE(rest.has_value());
  EXPECT_EQ(rest->ink.pieces->size(), 5u);
  EXPECT_EQ(InkOf(rest->image), 5 * 14 * 20);
}

TEST_F(SecondLookTest, AnImageOfCountlessPiecesHasNoRest) {
  PageInk countless = FindPageInk(page_.raster());
  countless.pieces.reset();
  EXPECT_FALSE(FindRest(page_.raster(), countless, words_).has_value());
}

}  // namespace
}  // namespace gnosis
