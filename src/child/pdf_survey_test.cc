// Plain scans keep their original pixels; other pages are drawn.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <string>

#include "child/document.h"
#include "support/document_samples.h"

namespace gnosis {
namespace {

constexpr int kWidth = 144;  // points of the page, and pixels at 72 dpi
constexpr int kHeight = 72;
constexpr char kWholePage[] = "q 144 0 0 72 0 0 cm /I Do Q";
// Forces the page to be drawn, and is invisible: it is outside the paper.
constexpr char kHiddenMark[] = " 0 g -50 -50 1 1 re f";

struct SampleImage {
  std::string dictionary;
  std::string samples;
  int width = kWidth;
  int height = kHeight;
};

std::string Samples(const Raster& raster) {
  return std::string(raster.pixels.begin(), raster.pixels.end());
}

SampleImage GrayScan(int width = kWidth, int height = kHeight) {
  return {"/ColorSpace /DeviceGray /BitsPerComponent 8",
          Samples(GradientOf(width, height, PixelFormat::kGray8)), width, height};
}

SampleImage ColourScan() {
  return {"/ColorSpace /DeviceRGB /BitsPerComponent 8",
          Samples(GradientOf(kWidth, kHeight, PixelFormat::kRgb8))};
}

SampleImage BlackAndWhiteScan() {
  return {"/ColorSpace /DeviceGray /BitsPerComponent 1",
          std::string(size_t(kWidth / 8) * kHeight, '\x5A')};
}

std::string ScanPdf(const SampleImage& image, std::string_view content) {
  return PdfOf({
      "<</Type /Catalog /Pages 2 0 R>>",
      "<</Type /Pages /Kids [3 0 R] /Count 1>>",
      fmt::format("<</Type /Page /Parent 2 0 R /Contents 4 0 R /MediaBox [0 0 {} {}] /Resources "
                  "<</Font <</F1 5 0 R>> /XObject <</I 6 0 R>>>>>>",
                  kWidth, kHeight),
      StreamOf("", content),
      "<</Type /Font /Subtype /Type1 /BaseFont /Helvetica>>",
      StreamOf(fmt::format("/Type /XObject /Subtype /Image /Width {} /Height {} {}", image.width,
                           image.height, image.dictionary),
               image.samples),
  });
}

class PdfScanTest : public testing::Test {
 protected:
  Raster Render(const SampleImage& image, std::string_view content, int dpi = 72) {
    const std::string pdf = ScanPdf(image, content);
    const auto document = OpenPdf(pdf, "", limits_);
    if (!document.ok()) return {};
    const auto raster = (*document)->Render(1, dpi);
    EXPECT_TRUE(raster.ok()) << raster.error().message;
    if (raster.ok()) damage_ = raster->damage;
    return raster.ok() ? raster->raster : Raster{};
  }
  RenderLimits limits_;
  std::string damage_;  // of the last page rendered
};

TEST_F(PdfScanTest, TakesTheSamplesThemselves) {
  const Raster gray = Render(GrayScan(), kWholePage);
  EXPECT_EQ(gray.dpi, 72);
  EXPECT_EQ(WorstDifference(gray, GradientOf(kWidth, kHeight, PixelFormat::kGray8)), 0);
  const Raster colour = Render(ColourScan(), kWholePage);
  EXPECT_EQ(WorstDifference(colour, GradientOf(kWidth, kHeight, PixelFormat::kRgb8)), 0);
}

TEST_F(PdfScanTest, TakesBlackAndWhiteAsItIs) {
  const Raster raster = Render(BlackAndWhiteScan(), kWholePage);
  ASSERT_EQ(raster.format, PixelFormat::kGray8);
  const std::vector<int> byte(raster.row(5) + 8, raster.row(5) + 16);
  EXPECT_EQ(byte, (std::vector<int>{0, 255, 0, 255, 255, 0, 255, 0}));
}

TEST_F(PdfScanTest, TurnsSamplesIntoLightAsTheImageSays) {
  SampleImage negative = GrayScan();
  negative.dictionary += " /Decode [1 0]";
  Raster expected = GradientOf(kWidth, kHeight, PixelFormat::kGray8);
  for (uint8_t& pixel : expected.pixels) pixel = uint8_t(255 - pixel);
  EXPECT_EQ(WorstDifference(Render(negative, kWholePage), expected), 0);
}

// Poppler draws an image one pixel larger, so that there is no gap between adjacent ones.
TEST_F(PdfScanTest, IsCloseToWhatPopplerDraws) {
  const Raster drawn = Render(GrayScan(), std::string(kWholePage) + kHiddenMark);
  EXPECT_LE(WorstDifference(Render(GrayScan(), kWholePage), drawn), 2);
}

TEST_F(PdfScanTest, KeepsTheSizeOfAScanThatIsAPixelLargerThanThePage) {
  const Raster raster = Render(GrayScan(kWidth + 1, kHeight + 1), kWholePage);
  EXPECT_EQ(raster.width, kWidth + 1);
  EXPECT_EQ(raster.height, kHeight + 1);
}

TEST_F(PdfScanTest, DrawsAScanThatIsAPixelOverALimitWhichThePageKeeps) {
  limits_.max_side_pixels = kWidth;
  EXPECT_EQ(Render(GrayScan(kWidth + 1, kHeight), kWholePage).width, kWidth);
  limits_.max_side_pixels = 30'000;
  limits_.max_page_pixels = kWidth * kHeight;
  EXPECT_EQ(Render(GrayScan(kWidth + 1, kHeight), kWholePage).width, kWidth);
}

TEST_F(PdfScanTest, IsNotMisledByAnInvisibleTextLayer) {
  const std::string layer = " BT 3 Tr /F1 40 Tf 10 10 Td (mmm) Tj ET";
  EXPECT_EQ(Render(GrayScan(), kWholePage + layer).pixels,
            GradientOf(kWidth, kHeight, PixelFormat::kGray8).pixels);
}

TEST_F(PdfScanTest, DrawsTheLettersThatStandOnAScan) {
  const Raster raster =
      Render(GrayScan(), std::string(kWholePage) + " BT /F1 60 Tf 90 10 Td (mm) Tj ET");
  EXPECT_NE(raster.pixels, GradientOf(kWidth, kHeight, PixelFormat::kGray8).pixels);
}

TEST_F(PdfScanTest, ScalesAScanOfAnotherResolution) {
  EXPECT_EQ(Render(GrayScan(), kWholePage, 144).width, 2 * kWidth);
}

TEST_F(PdfScanTest, DrawsWhatDoesNotFillThePage) {
  const Raster half = Render(GrayScan(), "q 72 0 0 72 0 0 cm /I Do Q");
  EXPECT_EQ(half.width, kWidth);
  EXPECT_EQ(half.row(10)[kWidth - 1], 255);
  const Raster clipped = Render(GrayScan(), "q 72 0 72 72 re W n 144 0 0 72 0 0 cm /I Do Q");
  EXPECT_EQ(clipped.row(10)[10], 255);
  const Raster triangle =
      Render(GrayScan(), "q 0 0 m 144 0 l 144 72 l h W n 144 0 0 72 0 0 cm /I Do Q");
  EXPECT_EQ(triangle.row(2)[2], 255);
}

TEST_F(PdfScanTest, DrawsAnImageThatIsTurnedOrMirrored) {
  const Raster mirrored = Render(GrayScan(), "q -144 0 0 72 144 0 cm /I Do Q");
  EXPECT_GT(mirrored.row(10)[0], 250);
  const Raster upside_down = Render(ColourScan(), "q 144 0 0 -72 0 72 cm /I Do Q");
  EXPECT_GT(upside_down.row(0)[1], 200) << "green grows downwards in the samples";
}

TEST_F(PdfScanTest, DrawsTwoImages) {
  const Raster raster =
      Render(GrayScan(), std::string(kWholePage) + " q -144 0 0 72 144 0 cm /I Do Q");
  EXPECT_GT(raster.row(10)[0], 250);
}

TEST_F(PdfScanTest, WhitensWhatIsMissingOfAScan) {
  SampleImage broken = GrayScan();
  broken.samples.resize(size_t(kWidth) * 10);
  const Raster raster = Render(broken, kWholePage);
  EXPECT_EQ(raster.height, kHeight);
  EXPECT_EQ(raster.row(kHeight - 1)[0], 255);
  EXPECT_EQ(damage_, "the page's image is damaged: it breaks off after 10 of 72 rows");
  broken.samples.clear();
  Render(broken, kWholePage);
  EXPECT_EQ(damage_, "the page's image is damaged: it breaks off after 0 of 72 rows");
  Render(GrayScan(), kWholePage);
  EXPECT_EQ(damage_, "");
}

TEST_F(PdfScanTest, SaysWhatIsMissingOfAJpeg) {
  const std::string jpeg = *EncodeJpeg(GradientOf(kWidth, kHeight, PixelFormat::kGray8), 90);
  SampleImage scan{"/ColorSpace /DeviceGray /BitsPerComponent 8 /Filter /DCTDecode", jpeg};
  Render(scan, kWholePage);
  EXPECT_EQ(damage_, "");
  scan.samples.resize(jpeg.size() - 2);
  Render(scan, kWholePage);
  EXPECT_EQ(damage_, "") << "only its end is missing";
  scan.samples.resize(scan.samples.size() * 3 / 4);
  Render(scan, kWholePage);
  EXPECT_THAT(damage_, testing::MatchesRegex("the JPEG image is damaged: it breaks off after "
                                             "[0-9]+ of 72 rows"));
  scan.samples = "no JPEG at all\xff\xd9";
  Render(scan, kWholePage);
  EXPECT_THAT(damage_, testing::StartsWith("the JPEG image is damaged: "));
}

}  // namespace
}  // namespace gnosis
