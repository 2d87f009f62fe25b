#include "engine/layout_words.h"

#include <gtest/gtest.h>

namespace gnosis {
namespace {

// A line of two words, "ab" and "cd", one blob per letter, on a page of 400 x 300.
TextRegion SomeRegion() {
  return {0,
          {20, 100, 140, 120},
          {16, 92, 144, 128},
          {{20, 100, 60, 120}, {100, 100, 140, 120}},
          {{20, 100, 38, 120}, {42, 104, 60, 120}, {100, 104, 118, 120}, {122, 100, 140, 120}}};
}
LineWord WordAt(const std::string& text, int left, int right) {
  LineWord word{text, {}, -0.5F, WordKind::kWord};
  const int middle = (left + right) / 2;
  word.characters = {{3, left, middle}, {4, middle, right}};
  return word;
}
PageLayout LayoutOf(const TextRegion& region, const Box& line) {
  return {400, 300, {{line, {{{{line, {}, {region}}}}}}}};
}

TEST(LayoutWords, AWordIsAsLargeAsItsBlobs) {
  const PageLayout layout = LayoutOf(SomeRegion(), {20, 100, 140, 120});
  const PageText text = PlaceWords(layout, {{WordAt("ab", 0, 62), WordAt("cd", 66, 128)}});
  const Line& line = text.blocks.at(0).paragraphs.at(0).lines.at(0);
  ASSERT_EQ(line.words.size(), 2u);
  EXPECT_EQ(line.words[0].text, "ab");
  EXPECT_EQ(line.words[0].box, (Box{20, 100, 60, 120}));
  EXPECT_EQ(line.words[1].box, (Box{100, 100, 140, 120}));
  EXPECT_FLOAT_EQ(line.words[0].confidence, 97.5F);
}

TEST(LayoutWords, OneWordOverTwoOfTheLayoutTakesBoth) {
  const PageLayout layout = LayoutOf(SomeRegion(), {20, 100, 140, 120});
  const PageText text = PlaceWords(layout, {{WordAt("ab", 0, 128)}});
  EXPECT_EQ(text.blocks[0].paragraphs[0].lines[0].words.at(0).box, (Box{20, 100, 140, 120}));
}

TEST(LayoutWords, TwoWordsInOneOfTheLayoutShareIt) {
  TextRegion region = SomeRegion();
  region.words = {{20, 100, 140, 120}};
  const PageLayout layout = LayoutOf(region, {20, 100, 140, 120});
  const PageText text = PlaceWords(layout, {{WordAt("ab", 0, 62), WordAt("cd", 66, 128)}});
  const auto& words = text.blocks[0].paragraphs[0].lines[0].words;
  EXPECT_LE(words.at(0).box.right, words.at(1).box.left);
}

TEST(LayoutWords, WhatHasNoWordsIsLeftOut) {
  PageLayout layout = LayoutOf(SomeRegion(), {20, 100, 140, 120});
  EXPECT_EQ(PlaceWords(layout, {{}}), PageText{});
  EXPECT_EQ(PlaceWords(layout, {{WordAt(" ", 0, 60)}}), PageText{});
}

TEST(LayoutWords, AWordWithoutBlobsLiesWhereItWasSeen) {
  TextRegion region = SomeRegion();
  region.blobs.clear();
  const PageLayout layout = LayoutOf(region, {20, 100, 140, 120});
  const PageText text = PlaceWords(layout, {{WordAt("ab", 0, 62)}});
  const Box box = text.blocks[0].paragraphs[0].lines[0].words.at(0).box;
  EXPECT_EQ(box, (Box{20, 100, 60, 120}));
}

TEST(LayoutWords, BoxesOfTurnedTextLieOnThePage) {
  TextRegion region = SomeRegion();
  region.quarter_turns = 1;
  // The line on the page before turning: x of the turned page is 300 - y of this one.
  const PageLayout layout = LayoutOf(region, {100, 160, 120, 280});
  const PageText text = PlaceWords(layout, {{WordAt("ab", 0, 62), WordAt("cd", 66, 128)}});
  const auto& words = text.blocks[0].paragraphs[0].lines[0].words;
  EXPECT_EQ(words.at(0).box, (Box{100, 240, 120, 280}));
  EXPECT_EQ(words.at(1).box, (Box{100, 160, 120, 200}));
}

TEST(LayoutWords, TurningFourTimesChangesNothing) {
  const PageLayout layout{.width = 400, .height = 300};
  const Box box{10, 20, 33, 47};
  for (int turns = 0; turns < 4; ++turns) {
    EXPECT_EQ(TurnBack(TurnBox(box, turns, 400, 300), turns, layout), box) << turns;
  }
}

// The models take the I of some typefaces for a bar.
TEST(LayoutWords, AStrokeOnTheBaselineIsTheLetterI) {
  for (const int bottom : {120, 126}) {
    TextRegion region = SomeRegion();
    region.words = {{20, 100, 24, bottom}, {100, 100, 140, 120}};
    region.blobs = {{20, 100, 24, bottom}, {100, 100, 118, 120}, {122, 100, 140, 120}};
    PageLayout layout = LayoutOf(region, {20, 100, 140, 126});
    layout.blocks[0].paragraphs[0].lines[0].baseline = {0, -6};
    const PageText text = PlaceWords(layout, {{WordAt("|", 0, 20), WordAt("am", 66, 128)}});
    EXPECT_EQ(text.blocks[0].paragraphs[0].lines[0].words.at(0).text, bottom == 120 ? "I" : "|");
  }
}

}  // namespace
}  // namespace gnosis
