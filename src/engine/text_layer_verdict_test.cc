#include <gmock/gmock.h>

#include "engine/process_page.h"

namespace gnosis {
namespace {

using ::testing::HasSubstr;

TextLayer Layer(int characters) {
  const Box box{10, 10, 90, 30};
  TextLayer layer;
  layer.words.blocks = {{box, {{box, {{box, {}, {Word{"word", box, 100}}}}}}}};
  layer.characters = characters;
  return layer;
}

TEST(TextLayerVerdict, APageOfTextIsKept) {
  const auto verdict = JudgeTextLayer(Layer(1500));
  EXPECT_TRUE(verdict.covers_page);
  EXPECT_EQ(verdict.reason, "text layer covers the page");
}

TEST(TextLayerVerdict, ATaggedButEmptyLayerIsNone) {
  EXPECT_EQ(JudgeTextLayer(TextLayer{}).reason, "no text layer");
  TextLayer without_words;
  without_words.characters = 900;
  EXPECT_FALSE(JudgeTextLayer(without_words).covers_page);
}

TEST(TextLayerVerdict, AFewCharactersDoNotStandForAPage) {
  EXPECT_FALSE(JudgeTextLayer(Layer(39)).covers_page);
  EXPECT_EQ(JudgeTextLayer(Layer(39)).reason, "text layer has only 39 characters");
  EXPECT_TRUE(JudgeTextLayer(Layer(40)).covers_page);
}

TEST(TextLayerVerdict, BrokenCharactersAreCounted) {
  TextLayer layer = Layer(1000);
  layer.broken_characters = 100;
  EXPECT_TRUE(JudgeTextLayer(layer).covers_page) << "bullets of a symbol font are no damage";
  layer.broken_characters = 101;
  EXPECT_FALSE(JudgeTextLayer(layer).covers_page);
  layer.broken_characters = 900;
  EXPECT_EQ(JudgeTextLayer(layer).reason, "90 % of the text layer's characters are broken");
}

TEST(TextLayerVerdict, AStampOverAScanIsNotThePage) {
  TextLayer layer = Layer(300);
  layer.image_coverage = 1;
  const auto verdict = JudgeTextLayer(layer);
  EXPECT_FALSE(verdict.covers_page);
  EXPECT_THAT(verdict.reason, HasSubstr("images cover 100 % of the page"));
  EXPECT_THAT(verdict.reason, HasSubstr("only 300 characters"));
}

TEST(TextLayerVerdict, MuchTextOverABackgroundPictureIsThePage) {
  TextLayer layer = Layer(500);
  layer.image_coverage = 1;
  EXPECT_TRUE(JudgeTextLayer(layer).covers_page);
}

TEST(TextLayerVerdict, AnEarlierRecognitionIsKeptAndSaysSo) {
  TextLayer layer = Layer(100);
  layer.image_coverage = 1;
  layer.invisible_share = 1;
  EXPECT_TRUE(JudgeTextLayer(layer).covers_page);
  EXPECT_THAT(JudgeTextLayer(layer).reason, HasSubstr("earlier recognition"));
  layer.characters = 99;
  EXPECT_FALSE(JudgeTextLayer(layer).covers_page);
}

TEST(TextLayerVerdict, PicturesBelowHalfThePageLeaveTheTextToCover) {
  TextLayer layer = Layer(60);
  layer.image_coverage = 0.49;
  EXPECT_TRUE(JudgeTextLayer(layer).covers_page);
}

}  // namespace
}  // namespace gnosis
