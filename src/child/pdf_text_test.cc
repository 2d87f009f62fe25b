#include <gtest/gtest.h>

#include "child/document.h"
#include "support/document_samples.h"

namespace gnosis {
namespace {

constexpr char kPage[] = "/MediaBox [0 0 300 200]";

struct Drawn {
  Raster raster;
  TextLayer layer;
};

Drawn Draw(const std::string& pdf, int dpi = 144) {
  auto document = OpenPdf(pdf, "", {});
  EXPECT_TRUE(document.ok());
  auto raster = (*document)->Render(1, dpi);
  EXPECT_TRUE(raster.ok()) << raster.error().message;
  auto layer = (*document)->ReadTextLayer(1, raster->raster);
  EXPECT_TRUE(layer.ok()) << layer.error().message;
  return {std::move(raster->raster), *std::move(layer)};
}

Drawn DrawPage(std::string_view content, std::string_view page = kPage) {
  return Draw(OnePagePdf(page, content));
}

std::vector<Word> WordsOf(const TextLayer& layer) {
  std::vector<Word> words;
  for (const Block& block : layer.words.blocks) {
    for (const Paragraph& paragraph : block.paragraphs) {
      for (const Line& line : paragraph.lines) {
        words.insert(words.end(), line.words.begin(), line.words.end());
      }
    }
  }
  return words;
}

Box InkBox(const Raster& gray) {
  Box box;
  for (int y = 0; y < gray.height; ++y) {
    for (int x = 0; x < gray.width; ++x) {
      if (gray.row(y)[x] < 128) box = Union(box, {x, y, x + 1, y + 1});
    }
  }
  return box;
}

std::string Show(const Box& box) {
  return fmt::format("({} {} {} {})", box.left, box.top, box.right, box.bottom);
}

// Contains the ink (to a pixel), and not much more: letters have room above and below.
testing::AssertionResult Frames(const Box& box, const Box& ink) {
  const Box grown{box.left - 1, box.top - 1, box.right + 1, box.bottom + 1};
  const auto area = [](const Box& b) { return (b.right - b.left) * (b.bottom - b.top); };
  if (Union(grown, ink) == grown && area(box) < 2 * area(ink)) return testing::AssertionSuccess();
  return testing::AssertionFailure() << Show(box) << " around " << Show(ink);
}

TEST(PdfTextTest, FindsWordsInLinesAndParagraphs) {
  const Drawn page = DrawPage(
      "BT /F1 12 Tf 14 TL 20 160 Td (The first line) Tj T* (of two.) Tj 0 -60 Td (Another.) Tj ET");
  EXPECT_EQ(PlainText(page.layer.words), "The first line\nof two.\n\nAnother.\n");
  EXPECT_EQ(page.layer.characters, 26);
  EXPECT_EQ(page.layer.broken_characters, 0);
  EXPECT_EQ(page.layer.invisible_share, 0);
  EXPECT_EQ(page.layer.image_coverage, 0);
  EXPECT_EQ(WordsOf(page.layer).front().confidence, 100);
}

TEST(PdfTextTest, PutsBoxesWhereTheInkIs) {
  const Drawn page = DrawPage("BT /F3 20 Tf 50 100 Td (abc) Tj ET");
  ASSERT_EQ(WordCount(page.layer.words), 1);
  EXPECT_TRUE(Frames(WordsOf(page.layer)[0].box, InkBox(page.raster)));
}

TEST(PdfTextTest, PutsBoxesWhereTheInkIsOnATurnedPage) {
  for (const char* turn : {"/Rotate 90", "/Rotate 180", "/Rotate 270"}) {
    const Drawn page =
        DrawPage("BT /F3 20 Tf 50 100 Td (abc) Tj ET", std::string(kPage) + " " + turn);
    ASSERT_EQ(WordCount(page.layer.words), 1);
    EXPECT_EQ(WordsOf(page.layer)[0].text, "abc");
    EXPECT_TRUE(Frames(WordsOf(page.layer)[0].box, InkBox(page.raster))) << turn;
  }
}

TEST(PdfTextTest, PutsBoxesWhereTheInkIsOnACroppedPageInOtherUnits) {
  const Drawn page = DrawPage("BT /F3 20 Tf 50 100 Td (abc) Tj ET",
                              "/MediaBox [0 0 300 200] /CropBox [40 90 200 190] /UserUnit 1.5");
  ASSERT_EQ(WordCount(page.layer.words), 1);
  EXPECT_TRUE(Frames(WordsOf(page.layer)[0].box, InkBox(page.raster)));
}

TEST(PdfTextTest, GivesTheBaselineFromTheBottomOfTheLine) {
  const Drawn page = DrawPage("BT /F1 20 Tf 50 100 Td (Hpg) Tj ET");
  const Line& line = page.layer.words.blocks.at(0).paragraphs.at(0).lines.at(0);
  EXPECT_NEAR(line.box.bottom + line.baseline.offset, 200, 1.5);  // 100 points of 200 at 144 dpi
  EXPECT_LT(line.baseline.offset, 0);
}

TEST(PdfTextTest, ReadsColumnsOneAfterTheOther) {
  const Drawn page = DrawPage(
      "BT /F1 10 Tf 12 TL 10 150 Td (One two) Tj T* (three) Tj T* (four.) Tj ET "
      "BT /F1 10 Tf 12 TL 160 150 Td (Five six) Tj T* (seven) Tj T* (eight.) Tj ET");
  EXPECT_EQ(PlainText(page.layer.words), "One two\nthree\nfour.\n\nFive six\nseven\neight.\n");
}

TEST(PdfTextTest, CountsInvisibleLetters) {
  const Drawn page = DrawPage("BT /F1 10 Tf 10 100 Td 3 Tr (hidden) Tj 0 Tr ( ab) Tj ET");
  EXPECT_EQ(PlainText(page.layer.words), "hidden ab\n");
  EXPECT_DOUBLE_EQ(page.layer.invisible_share, 6.0 / 8);
}

TEST(PdfTextTest, CountsLettersWithoutAMeaning) {
  const Drawn page = DrawPage("BT /F3 10 Tf 10 100 Td (ab\\001\\002\\003) Tj ET");
  EXPECT_EQ(page.layer.characters, 5);
  EXPECT_EQ(page.layer.broken_characters, 3);
}

TEST(PdfTextTest, MeasuresWhatImagesCover) {
  EXPECT_NEAR(DrawPage("q 150 0 0 200 0 0 cm /I Do Q").layer.image_coverage, 0.5, 0.02);
  EXPECT_NEAR(DrawPage("q 300 0 0 200 0 0 cm /I Do Q").layer.image_coverage, 1, 0.001);
  // Twice at the same place, and beyond the edge.
  EXPECT_NEAR(DrawPage("q 150 0 0 200 0 0 cm /I Do /I Do Q q 900 0 0 100 150 100 cm /I Do Q")
                  .layer.image_coverage,
              0.75, 0.02);
  // Turned by 45 degrees: a square on its corner covers half of its bounding box.
  EXPECT_NEAR(DrawPage("q 100 100 -100 100 150 0 cm /I Do Q").layer.image_coverage, 1.0 / 3, 0.02);
  // Only the part inside the clip counts.
  EXPECT_NEAR(DrawPage("q 0 0 75 200 re W n 300 0 0 200 0 0 cm /I Do Q").layer.image_coverage, 0.25,
              0.02);
}

TEST(PdfTextTest, DoesNotTakeGlyphsForImages) {
  EXPECT_EQ(DrawPage("BT /F3 150 Tf 0 0 Td (ab) Tj ET").layer.image_coverage, 0);
}

TEST(PdfTextTest, MeasuresAPageThatWasNotDrawnBefore) {
  const std::string pdf = OnePagePdf(kPage, "q 150 0 0 200 0 0 cm /I Do Q");
  auto document = OpenPdf(pdf, "", {});
  ASSERT_TRUE(document.ok());
  const Raster raster{600, 400, 144, PixelFormat::kGray8, {}};
  const auto layer = (*document)->ReadTextLayer(1, raster);
  ASSERT_TRUE(layer.ok());
  EXPECT_NEAR(layer->image_coverage, 0.5, 0.02);
}

std::string FontWithMap(std::string_view map) {
  const std::string cmap = fmt::format(
      "/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange <00> <ff> "
      "endcodespacerange {} endcmap end",
      map);
  return PdfOf({"<</Type /Catalog /Pages 2 0 R>>", "<</Type /Pages /Kids [3 0 R] /Count 1>>",
                "<</Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Contents 4 0 R /Resources "
                "<</Font <</F1 5 0 R>>>>>>",
                StreamOf("", "BT /F1 12 Tf 20 100 Td (cba DE) Tj ET"),
                "<</Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode 6 0 R>>",
                StreamOf("", cmap)});
}

TEST(PdfTextTest, SpellsLigaturesOut) {
  const Drawn page = Draw(FontWithMap("2 beginbfchar <61> <FB01> <62> <006E> endbfchar"));
  EXPECT_EQ(PlainText(page.layer.words), "cn\x66\x69 DE\n");
}

TEST(PdfTextTest, ReadsHebrewFromTheRight) {
  // a, b and c map to alef, bet and gimel; D and E to he and vav. They are drawn from left to
  // right.
  const Drawn page = Draw(FontWithMap(
      "5 beginbfchar <61> <05D0> <62> <05D1> <63> <05D2> <44> <05D4> <45> <05D5> endbfchar"));
  EXPECT_EQ(PlainText(page.layer.words), "\u05D5\u05D4 \u05D0\u05D1\u05D2\n");
}

}  // namespace
}  // namespace gnosis
