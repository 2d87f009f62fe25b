#include "layout/find_layout.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "support/painted_page.h"

namespace gnosis {
namespace {

using ::testing::HasSubstr;

constexpr int kPitch = PaintedPage::kPitch;

std::vector<LayoutLine> LinesOf(const PageLayout& layout) {
  std::vector<LayoutLine> lines;
  for (const LayoutBlock& block : layout.blocks) {
    for (const LayoutParagraph& paragraph : block.paragraphs) {
      lines.insert(lines.end(), paragraph.lines.begin(), paragraph.lines.end());
    }
  }
  return lines;
}

PageLayout Find(const PaintedPage& page) {
  auto layout = FindLayout(page.raster(), FindPageInk(page.raster()));
  EXPECT_TRUE(layout.ok()) << layout.error().message;
  return layout.ok() ? *layout : PageLayout{};
}

void WriteLines(PaintedPage& page, int left, int first_baseline, int count) {
  for (int i = 0; i < count; ++i) page.Write(left, first_baseline + i * kPitch, kPaintedLine);
}

TEST(FindLayout, LinesComeFromTheTopWithRoomForTallLettersAndTails) {
  PaintedPage page(900, 1200);
  WriteLines(page, 100, 200, 12);
  const PageLayout layout = Find(page);
  ASSERT_EQ(layout.blocks.size(), 1u);
  const auto lines = LinesOf(layout);
  ASSERT_EQ(lines.size(), 12u);
  for (int i = 0; i < 12; ++i) {
    ASSERT_EQ(lines[size_t(i)].regions.size(), 1u);
    const TextRegion& region = lines[size_t(i)].regions[0];
    const int baseline = 200 + i * kPitch;
    EXPECT_EQ(region.ink, (Box{100, baseline - 30, 100 + kPaintedLineWidth, baseline + 10}));
    EXPECT_EQ(region.crop, (Box{96, baseline - 34, 104 + kPaintedLineWidth, baseline + 14}));
    EXPECT_EQ(region.words.size(), 5u);
    EXPECT_EQ(region.blobs.size(), 27u);
    EXPECT_NEAR(lines[size_t(i)].baseline.offset, -10, 0.5);
  }
}

TEST(FindLayout, CommasAtTheEndBelongToTheLine) {
  PaintedPage page(900, 1200);
  WriteLines(page, 100, 200, 12);
  const int end = page.Write(100, 800, std::string(kPaintedLine) + ",");
  EXPECT_EQ(LinesOf(Find(page)).back().regions[0].ink.right, end - 9);
}

TEST(FindLayout, DotsBeforeALineBelongToIt) {
  PaintedPage page(900, 1200);
  WriteLines(page, 200, 200, 12);
  page.Write(200, 800, kPaintedLine);
  for (int i = 1; i <= 3; ++i) page.Write(200 - i * 36, 800, ".");
  const auto lines = LinesOf(Find(page));
  ASSERT_EQ(lines.size(), 13u);
  EXPECT_EQ(lines.back().regions[0].ink.left, 200 - 3 * 36);
}

// Three asterisks, which sit high, and a bracket.
TEST(FindLayout, ANotesNumberStandsWithItsNote) {
  for (const int gap : {20, 200}) {  // pixels
    PaintedPage page(1000, 1200);
    WriteLines(page, 300, 200, 12);
    page.Write(300, 800, kPaintedLine);
    for (int i = 0; i < 3; ++i) {
      const int left = 300 - gap - 70 + i * 18;
      page.Fill({left, 770, left + 12, 782});
    }
    page.Fill({300 - gap - 12, 768, 300 - gap, 808});
    const auto lines = LinesOf(Find(page));
    ASSERT_EQ(lines.size(), 13u) << gap;
    EXPECT_EQ(lines.back().box.left, 300 - gap - 70);
    const Box& crop = lines.back().regions[0].crop;
    EXPECT_LE(crop.top, 770 - 4);
    EXPECT_GE(crop.bottom, 808 + 4);
  }
}

// The line ends lower than the slope of the other lines predicts, by more than half a small letter.
TEST(FindLayout, ALineMayRunOtherwiseThanThePage) {
  PaintedPage page(1600, 1200);
  for (int i = 0; i < 10; ++i) page.Write(100, 200 + i * kPitch, std::string(75, 'x'));
  for (int i = 0; i < 13; ++i) page.Write(100 + i * 108, 800 + i, "xlxp");
  EXPECT_EQ(LinesOf(Find(page)).size(), 11u);
}

TEST(FindLayout, ColumnsAreReadOneAfterTheOther) {
  PaintedPage page(1500, 1200);
  page.Write(300, 120, "lxxxpxx xxlxxxx xxxxxlxx xxxlxxxx xxxxxlxxx");  // spans both columns
  WriteLines(page, 100, 200, 12);
  WriteLines(page, 100 + kPaintedLineWidth + 60, 200, 12);
  const auto lines = LinesOf(Find(page));
  ASSERT_EQ(lines.size(), 25u);
  EXPECT_EQ(lines[0].box.left, 300);
  for (size_t i = 1; i <= 12; ++i) EXPECT_EQ(lines[i].box.left, 100);
  for (size_t i = 13; i <= 24; ++i) EXPECT_EQ(lines[i].box.left, 160 + kPaintedLineWidth);
}

TEST(FindLayout, ColumnsNeedNotStandOnOneGrid) {
  PaintedPage page(1500, 1200);
  WriteLines(page, 100, 200, 12);
  WriteLines(page, 100 + kPaintedLineWidth + 60, 200 + kPitch / 2, 8);
  const PageLayout layout = Find(page);
  ASSERT_EQ(layout.blocks.size(), 2u);
  EXPECT_EQ(LinesOf(layout).size(), 20u);
  EXPECT_EQ(layout.blocks[1].box.left, 160 + kPaintedLineWidth);
}

TEST(FindLayout, APageNumberFarToTheRightIsPartOfItsLine) {
  PaintedPage page(900, 1200);
  page.Write(300, 140, "lxlxlxx");
  page.Write(100 + kPaintedLineWidth - 32, 140, "ll");
  WriteLines(page, 100, 200, 12);
  const auto lines = LinesOf(Find(page));
  ASSERT_EQ(lines.size(), 13u);
  ASSERT_EQ(lines[0].regions.size(), 2u);
  EXPECT_LT(lines[0].regions[0].ink.right, lines[0].regions[1].ink.left);
}

TEST(FindLayout, AnIndentOrAWideGapBeginsAParagraph) {
  PaintedPage page(900, 1400);
  WriteLines(page, 100, 200, 5);
  page.Write(150, 450, kPaintedLine.substr(0, 20));
  WriteLines(page, 100, 500, 5);
  WriteLines(page, 100, 860, 4);
  const PageLayout layout = Find(page);
  ASSERT_EQ(layout.blocks.size(), 1u);
  std::vector<size_t> lines;
  for (const auto& paragraph : layout.blocks[0].paragraphs) lines.push_back(paragraph.lines.size());
  EXPECT_THAT(lines, testing::ElementsAre(5, 6, 4));
}

TEST(FindLayout, FollowsAPageThatIsALittleSkewed) {
  PaintedPage page(900, 1200);
  for (int i = 0; i < 12; ++i) page.Write(100, 200 + i * kPitch, kPaintedLine, /*drop=*/15);
  const auto lines = LinesOf(Find(page));
  ASSERT_EQ(lines.size(), 12u);
  EXPECT_NEAR(lines[3].baseline.slope, 0.015, 0.004);
}

TEST(FindLayout, SaysWhatItIsNotSureOf) {
  const PaintedPage blank(600, 600);
  EXPECT_FALSE(FindLayout(blank.raster(), FindPageInk(blank.raster())).ok());

  PaintedPage picture(900, 1200);
  WriteLines(picture, 100, 200, 8);
  picture.Fill({200, 700, 600, 1000});
  EXPECT_THAT(FindLayout(picture.raster(), FindPageInk(picture.raster())).error().message,
              HasSubstr("picture"));

  PaintedPage steep(900, 1200);
  for (int i = 0; i < 12; ++i) steep.Write(100, 200 + i * kPitch, kPaintedLine, /*drop=*/80);
  EXPECT_FALSE(FindLayout(steep.raster(), FindPageInk(steep.raster())).ok());
}

// The maximum number of letters, none next to another, and as many lines; neither takes long.
TEST(FindLayout, GivesUpOnWhatWouldTakeLong) {
  PaintedPage scattered(6000, 6000);
  for (int y = 0; y + 20 < 6000; y += 60) {
    for (int x = (y / 60 % 2) * 30; x + 14 < 6000; x += 90) scattered.Write(x, y + 20, "x");
  }
  EXPECT_FALSE(FindLayout(scattered.raster(), FindPageInk(scattered.raster())).ok());

  PaintedPage lines(700, 30'000);
  for (int y = 100; y < 29'900; y += 45) lines.Write(50, y, kPaintedLine);
  EXPECT_THAT(FindLayout(lines.raster(), FindPageInk(lines.raster())).error().message,
              HasSubstr("very many lines"));
}

// Whatever ink there is, the boxes found are on the page.
TEST(FindLayout, OfAnyInkStaysOnThePage) {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    unsigned state = seed * 2654435761u;
    const auto next = [&](int below) {
      state = state * 1664525u + 1013904223u;
      return int((state >> 8) % unsigned(below));
    };
    PaintedPage page(200 + next(600), 200 + next(600));
    const Raster& raster = page.raster();
    for (int i = 0; i < 20 + next(400); ++i) {
      const int left = next(raster.width - 1), top = next(raster.height - 1);
      page.Fill({left, top, std::min(raster.width, left + 1 + next(40)),
                 std::min(raster.height, top + 1 + next(30))});
    }
    const auto layout = FindLayout(raster, FindPageInk(raster));
    if (!layout.ok()) continue;
    for (const LayoutLine& line : LinesOf(*layout)) {
      for (const TextRegion& region : line.regions) {
        EXPECT_GE(region.crop.left, 0);
        EXPECT_GE(region.crop.top, 0);
        EXPECT_LE(region.crop.right, raster.width);
        EXPECT_LE(region.crop.bottom, raster.height);
        EXPECT_LT(region.crop.left, region.crop.right);
        EXPECT_LT(region.crop.top, region.crop.bottom);
        EXPECT_FALSE(region.blobs.empty());
      }
    }
  }
}

TEST(FindLayout, OfTheRestOfAPageAWordIsEnough) {
  PaintedPage page(600, 300);
  page.Write(100, 150, "xlxpx");
  const PageInk ink = FindPageInk(page.raster());
  EXPECT_FALSE(FindLayout(page.raster(), ink).ok());
  const auto layout = FindLayout(page.raster(), ink, Extent::kRest);
  ASSERT_TRUE(layout.ok()) << layout.error().message;
  ASSERT_EQ(LinesOf(*layout).size(), 1u);
  EXPECT_EQ(LinesOf(*layout)[0].box, (Box{100, 120, 186, 160}));
}

TEST(FindLayout, OfALittleRestSingleLettersAreEnough) {
  PaintedPage page(600, 500);
  for (const int baseline : {100, 200, 300, 400}) page.Write(100, baseline, "l");
  const PageInk ink = FindPageInk(page.raster());
  EXPECT_FALSE(FindLayout(page.raster(), ink, Extent::kRest).ok());
  const auto layout = FindLayout(page.raster(), ink, Extent::kLittleRest);
  ASSERT_TRUE(layout.ok()) << layout.error().message;
  EXPECT_EQ(LinesOf(*layout).size(), 4u);
}

}  // namespace
}  // namespace gnosis
