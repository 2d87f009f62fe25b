#include "page/page_text.h"

#include <gtest/gtest.h>

#include "support/page_samples.h"

namespace gnosis {
namespace {

Line LineOf(std::vector<std::string> words) {
  Line line;
  for (std::string& word : words) line.words.push_back(WordAt(std::move(word), 0));
  return line;
}
Paragraph ParagraphOf(std::vector<Line> lines) { return Paragraph{{}, std::move(lines)}; }

TEST(PageTextTest, JoinsWordsLinesAndParagraphs) {
  PageText text;
  text.blocks.push_back({{}, {ParagraphOf({LineOf({"a", "b"}), LineOf({"c"})})}});
  text.blocks.push_back({{}, {ParagraphOf({LineOf({"d"})}), ParagraphOf({LineOf({"e"})})}});
  EXPECT_EQ(PlainText(text), "a b\nc\n\nd\n\ne\n");
  EXPECT_EQ(WordCount(text), 5);
}

TEST(PageTextTest, WhatHasNoWordsLeavesNoGap) {
  PageText text;
  text.blocks.push_back({{}, {ParagraphOf({LineOf({})}), ParagraphOf({})}});
  text.blocks.push_back(
      {{}, {ParagraphOf({LineOf({}), LineOf({"a"})}), ParagraphOf({LineOf({})})}});
  text.blocks.push_back({});
  text.blocks.push_back({{}, {ParagraphOf({LineOf({"b"})})}});
  EXPECT_EQ(PlainText(text), "a\n\nb\n");
}

TEST(PageTextTest, AnEmptyPageHasNoTextAndNoConfidence) {
  EXPECT_EQ(PlainText({}), "");
  EXPECT_EQ(WordCount({}), 0);
  EXPECT_EQ(MeanConfidence({}), std::nullopt);
}

TEST(PageTextTest, ConfidenceIsTheMeanToTwoDecimals) {
  PageText text = SampleText();
  std::vector<Word>& words = text.blocks[0].paragraphs[0].lines[0].words;
  words[0].confidence = 90;
  words[1].confidence = 90;
  words[2].confidence = 91;
  EXPECT_EQ(MeanConfidence(text), 90.33);
}

TEST(PageTextTest, UnionLeavesEmptyBoxesOut) {
  const Box a{10, 20, 30, 40};
  const Box b{5, 25, 20, 60};
  EXPECT_EQ(Union(a, b), (Box{5, 20, 30, 60}));
  EXPECT_EQ(Union(a, Box{}), a);
  EXPECT_EQ(Union(Box{0, 0, 0, 100}, b), b);
}

TEST(Box, IntersectionsMayBeEmpty) {
  const Box box{10, 10, 20, 20};
  EXPECT_EQ(Intersection(box, {15, 0, 40, 12}), (Box{15, 10, 20, 12}));
  EXPECT_TRUE(Overlaps(box, {15, 0, 40, 12}));
  for (const Box& beside : {Box{20, 10, 30, 20}, Box{0, 20, 40, 30}}) {
    EXPECT_FALSE(Overlaps(box, beside));
    const Box common = Intersection(box, beside);
    EXPECT_EQ(Width(common) * Height(common), 0);
  }
}

}  // namespace
}  // namespace gnosis
