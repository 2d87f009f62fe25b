#include "engine/add_lines.h"

#include <gmock/gmock.h>

#include <string>

namespace gnosis {
namespace {

using ::testing::ElementsAre;

// Words of eight pixels a character, with a blank between them.
Line LineOf(int left, int top, const std::string& text, float confidence = 95) {
  Line line;
  size_t begin = 0;
  while (begin < text.size()) {
    const size_t end = std::min(text.find(' ', begin), text.size());
    const Box box = {left + int(begin) * 8, top, left + int(end) * 8, top + 20};
    line.words.push_back({text.substr(begin, end - begin), box, confidence});
    line.box = Union(line.box, box);
    begin = end + 1;
  }
  return line;
}

Paragraph ParagraphOf(std::vector<Line> lines) {
  Paragraph paragraph{{}, std::move(lines)};
  for (const Line& line : paragraph.lines) paragraph.box = Union(paragraph.box, line.box);
  return paragraph;
}

PageText PageOf(std::vector<Paragraph> paragraphs) {
  Block block{{}, std::move(paragraphs)};
  for (const Paragraph& paragraph : block.paragraphs) block.box = Union(block.box, paragraph.box);
  return {{block}};
}
PageText PageOf(std::vector<Line> lines) { return PageOf({ParagraphOf(std::move(lines))}); }

// The text after `more` was added.
std::string Added(PageText text, PageText more, const std::vector<Box>& again = {},
                  TextDirection direction = TextDirection::kAsPage) {
  const PageText before = text;
  const bool changed = AddLines(std::move(more), direction, again, text);
  EXPECT_EQ(changed, text != before);
  return PlainText(text);
}

TEST(AddLines, ALineGoesBetweenThoseAboveAndBelowIt) {
  const PageText page = PageOf({LineOf(0, 0, "first one"), LineOf(0, 100, "third one")});
  EXPECT_EQ(Added(page, PageOf({LineOf(0, 50, "second one")})),
            "first one\n\nsecond one\n\nthird one\n");
  EXPECT_EQ(Added(page, PageOf({LineOf(0, 150, "fourth one")})),
            "first one\nthird one\n\nfourth one\n");
  EXPECT_EQ(Added(PageOf({LineOf(0, 50, "second one")}), PageOf({LineOf(0, 0, "first one")})),
            "first one\n\nsecond one\n");
}

TEST(AddLines, ALineStaysInItsColumn) {
  const PageText columns =
      PageOf({ParagraphOf({LineOf(0, 0, "left top"), LineOf(0, 100, "left foot")}),
              ParagraphOf({LineOf(400, 0, "right top"), LineOf(400, 100, "right foot")})});
  EXPECT_EQ(Added(columns, PageOf({LineOf(400, 50, "between")})),
            "left top\nleft foot\n\nright top\n\nbetween\n\nright foot\n");
}

TEST(AddLines, ALineWithNothingAboveOrBelowComesLast) {
  EXPECT_EQ(Added(PageOf({LineOf(0, 0, "text")}), PageOf({LineOf(400, 90, "margin")})),
            "text\n\nmargin\n");
  EXPECT_EQ(Added({}, PageOf({LineOf(400, 90, "alone")})), "alone\n");
}

TEST(AddLines, AValueJoinsItsLabel) {
  PageText text = PageOf({LineOf(0, 0, "Name"), LineOf(0, 50, "Town")});
  text.blocks[0].paragraphs[0].lines[1].baseline = {0, -4};
  ASSERT_TRUE(AddLines(PageOf({LineOf(200, 52, "Beverley"), LineOf(200, 3, "7")}),
                       TextDirection::kAsPage, {}, text));
  EXPECT_EQ(PlainText(text), "Name 7\nTown Beverley\n");
  const Line& town = text.blocks[0].paragraphs[0].lines[1];
  EXPECT_EQ(town.box, (Box{0, 50, 264, 72}));
  EXPECT_FLOAT_EQ(town.baseline.offset, -6);  // two pixels higher above the new bottom
  EXPECT_EQ(text.blocks[0].box, (Box{0, 0, 264, 72}));
}

TEST(AddLines, ALineBesideAnotherColumnDoesNotJoinIt) {
  const PageText columns =
      PageOf({ParagraphOf({LineOf(0, 0, "left top"), LineOf(0, 30, "left middle")}),
              ParagraphOf({LineOf(400, 0, "right top"), LineOf(400, 60, "right foot")})});
  EXPECT_EQ(Added(columns, PageOf({LineOf(400, 30, "right middle")})),
            "left top\nleft middle\n\nright top\n\nright middle\n\nright foot\n");
}

TEST(AddLines, AHeadingBesideSmallPrintDoesNotJoinIt) {
  Line heading = LineOf(200, 0, "Heading");
  heading.box.bottom = 60;
  EXPECT_EQ(Added(PageOf({LineOf(0, 20, "small print")}), PageOf({heading})),
            "small print\n\nHeading\n");
}

TEST(AddLines, OfALineReadAgainTheBetterReadingStays) {
  const Line old = LineOf(0, 0, "talls must");
  const PageText page = PageOf({old, LineOf(0, 50, "other")});
  EXPECT_EQ(Added(page, PageOf({LineOf(0, 0, "Stalls must")}), {old.box}),
            "Stalls must\n\nother\n");
  EXPECT_EQ(Added(page, PageOf({LineOf(0, 0, "Stalls must", 62)}), {old.box}),
            "talls must\nother\n");
}

TEST(AddLines, SeveralLinesMayStandForOne) {
  const Line old = LineOf(0, 0, "Ouantily Pricc", 55);
  EXPECT_EQ(
      Added(PageOf({old}), PageOf({LineOf(0, 0, "Quantity"), LineOf(72, 0, "Price")}), {old.box}),
      "Quantity Price\n");
}

TEST(AddLines, WhatWasReadWellIsNotReadTwice) {
  EXPECT_EQ(Added(PageOf({LineOf(0, 0, "read well")}), PageOf({LineOf(0, 0, "read wall", 99)})),
            "read well\n");
}

TEST(AddLines, RubbishIsNotAdded) {
  const PageText page = PageOf({LineOf(0, 0, "text")});
  EXPECT_EQ(Added(page, PageOf({LineOf(0, 50, "rubbish", 59), LineOf(0, 90, "--,", 99),
                                LineOf(0, 130, "l.", 79)})),
            "text\n");
  EXPECT_EQ(Added(page, {}), "text\n");
}

TEST(AddLines, TurnedLinesKeepTheirOrder) {
  EXPECT_EQ(Added(PageOf({LineOf(0, 0, "upright")}),
                  PageOf({LineOf(0, 150, "first turned"), LineOf(0, 100, "second turned")}), {},
                  TextDirection::kTurned),
            "upright\n\nfirst turned\nsecond turned\n");
}

}  // namespace
}  // namespace gnosis
