#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "child/codecs.h"
#include "page/media_types.h"
#include "support/document_samples.h"
#include "support/image_samples.h"

namespace gnosis {
namespace {

using std::string_literals::operator""s;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::MatchesRegex;

uint32_t NumberAt(const std::string& bytes, size_t at, size_t size) {
  uint32_t number = 0;
  for (size_t i = size; i-- > 0;) number = number << 8 | uint8_t(bytes[at + i]);
  return number;
}

// A little-endian TIFF of one page and one strip, which is moved to the end of the file and
// truncated to `share` of its size, like an interrupted copy of a file that has its directory at
// the front.
std::string WithStripAtTheEnd(std::string tiff, double share) {
  const size_t directory = NumberAt(tiff, 4, 4);
  size_t offset_entry = 0;
  uint32_t size = 0;
  for (size_t i = 0; i < NumberAt(tiff, directory, 2); ++i) {
    const size_t entry = directory + 2 + 12 * i;
    if (NumberAt(tiff, entry, 2) == TIFFTAG_STRIPOFFSETS) offset_entry = entry + 8;
    if (NumberAt(tiff, entry, 2) == TIFFTAG_STRIPBYTECOUNTS) size = NumberAt(tiff, entry + 8, 4);
  }
  const std::string strip = tiff.substr(NumberAt(tiff, offset_entry, 4), size);
  const auto end = uint32_t(tiff.size());
  for (int i = 0; i < 4; ++i) tiff[offset_entry + size_t(i)] = char(end >> (8 * i));
  return tiff + strip.substr(0, size_t(double(strip.size()) * share));
}

class ImageTest : public testing::Test {
 protected:
  Raster Decode(const std::string& bytes, const std::string& media_type, int page = 1) {
    const auto document = OpenImage(bytes, media_type, limits_);
    EXPECT_TRUE(document.ok()) << document.error().message;
    if (!document.ok()) return {};
    EXPECT_EQ((*document)->info().media_type, media_type);
    auto raster = (*document)->Render(page, 300);
    EXPECT_TRUE(raster.ok()) << raster.error().message;
    return raster.ok() ? std::move(raster->raster) : Raster{};
  }
  // What an image that was decoded in part reports as missing.
  std::string DamageOf(const std::string& bytes, const std::string& media_type) {
    const auto document = OpenImage(bytes, media_type, limits_);
    EXPECT_TRUE(document.ok()) << document.error().message;
    const auto page = (*document)->Render(1, 300);
    return page.ok() ? page->damage : "refused: " + page.error().message;
  }
  Error WhyNot(const std::string& bytes, const std::string& media_type) {
    const auto document = OpenImage(bytes, media_type, limits_);
    if (!document.ok()) return document.error();
    const auto raster = (*document)->Render(1, 300);
    return raster.ok() ? Error{ErrorCode::kInternal, "it decoded", ""} : raster.error();
  }
  std::string Tiff(const std::vector<TiffSample>& pages, const char* mode = "w") {
    return TiffOf(pages, (folder_.path() / "sample.tif").c_str(), mode);
  }

  RenderLimits limits_;
  TemporaryFolder folder_;
};

constexpr char kPng[] = "image/png";
constexpr char kJpeg[] = "image/jpeg";
constexpr char kTiff[] = "image/tiff";
constexpr char kWebp[] = "image/webp";

std::vector<int> PixelAt(const Raster& image, int x, int y) {
  const uint8_t* pixel = image.row(y) + ptrdiff_t(x) * image.channels();
  return {pixel, pixel + image.channels()};
}

// --- PNG

TEST_F(ImageTest, ReadsAGreyPngOfEveryDepth) {
  EXPECT_THAT(Decode(PngOf({4, 1, 1, 0}, {0b01010000}), kPng).pixels, ElementsAre(0, 255, 0, 255));
  EXPECT_THAT(Decode(PngOf({2, 1, 4, 0}, {0x0F}), kPng).pixels, ElementsAre(0, 255));
  EXPECT_THAT(Decode(PngOf({2, 1, 8, 0}, {7, 200}), kPng).pixels, ElementsAre(7, 200));
  const std::vector<uint16_t> deep = {0, 0xFFFF};
  const auto* bytes = reinterpret_cast<const uint8_t*>(deep.data());
  EXPECT_THAT(Decode(PngOf({2, 1, 16, 0}, {bytes, bytes + 4}), kPng).pixels, ElementsAre(0, 255));
}

TEST_F(ImageTest, ReadsAColourPng) {
  const Raster image = Decode(PngOf({2, 1, 8, 2}, {255, 0, 0, 0, 0, 255}), kPng);
  EXPECT_EQ(image.format, PixelFormat::kRgb8);
  EXPECT_THAT(image.pixels, ElementsAre(255, 0, 0, 0, 0, 255));
  EXPECT_EQ(image.dpi, 0);
}

TEST_F(ImageTest, ReadsAPalettePng) {
  spng_plte palette{2, {{255, 0, 0, 255}, {0, 255, 0, 255}}};
  EXPECT_THAT(Decode(PngOf({2, 1, 8, 3}, {1, 0}, &palette), kPng).pixels,
              ElementsAre(0, 255, 0, 255, 0, 0));
}

TEST_F(ImageTest, LaysAPngWithAlphaOnWhitePaper) {
  const Raster image = Decode(PngOf({3, 1, 8, 6}, {9, 9, 9, 0, 0, 0, 0, 128, 5, 5, 5, 255}), kPng);
  EXPECT_EQ(image.format, PixelFormat::kGray8);  // no colour remains
  EXPECT_THAT(image.pixels, ElementsAre(255, 127, 5));
  EXPECT_THAT(Decode(PngOf({2, 1, 8, 4}, {0, 0, 0, 255}), kPng).pixels, ElementsAre(255, 0));
}

TEST_F(ImageTest, LaysWhiteLettersWithAlphaOnBlackPaper) {
  const std::vector<uint8_t> letters = {255, 0, 250, 255, 255, 0, 255, 0, 255, 0, 255, 0};
  EXPECT_THAT(Decode(PngOf({6, 1, 8, 4}, letters), kPng).pixels, ElementsAre(0, 250, 0, 0, 0, 0));
  // Where hardly anything is transparent, white is the paper.
  EXPECT_THAT(Decode(PngOf({3, 1, 8, 4}, {255, 255, 255, 255, 9, 0}), kPng).pixels,
              ElementsAre(255, 255, 255));
}

TEST_F(ImageTest, LaysAPngWithATransparentColourOnWhitePaper) {
  spng_trns transparent{};
  transparent.gray = 7;
  EXPECT_THAT(Decode(PngOf({2, 1, 8, 0}, {7, 8}, nullptr, &transparent), kPng).pixels,
              ElementsAre(255, 8));
}

TEST_F(ImageTest, MakesAColourlessImageGrey) {
  const Raster image = Decode(PngOf({2, 1, 8, 2}, {3, 3, 3, 200, 200, 200}), kPng);
  EXPECT_EQ(image.format, PixelFormat::kGray8);
  EXPECT_THAT(image.pixels, ElementsAre(3, 200));
}

TEST_F(ImageTest, ReadsWhatIsThereOfATruncatedPng) {
  const Raster whole = GradientOf(64, 200, PixelFormat::kRgb8);
  const std::string bytes = PngOf({64, 200, 8, 2}, whole.pixels);
  const Raster image = Decode(bytes.substr(0, bytes.size() / 2), kPng);
  EXPECT_EQ(image.height, 200);
  EXPECT_EQ(PixelAt(image, 10, 0), PixelAt(whole, 10, 0));
  EXPECT_THAT(PixelAt(image, 10, 199), ElementsAre(255, 255, 255));
}

TEST_F(ImageTest, SaysWhatIsMissingOfATruncatedPng) {
  const std::string bytes = PngOf({64, 200, 8, 2}, GradientOf(64, 200, PixelFormat::kRgb8).pixels);
  EXPECT_EQ(DamageOf(bytes, kPng), "");
  EXPECT_EQ(DamageOf(bytes.substr(0, bytes.size() - 12), kPng), "") << "only its end is missing";
  EXPECT_THAT(DamageOf(bytes.substr(0, bytes.size() / 2), kPng),
              MatchesRegex("the PNG image is damaged: it breaks off after [0-9]+ of 200 rows"));
}

TEST_F(ImageTest, RefusesAPngBeyondTheLimitsBeforeDecodingIt) {
  limits_.max_page_pixels = 100;
  const Error error = WhyNot(PngOf({11, 10, 8, 0}, std::vector<uint8_t>(110)), kPng);
  EXPECT_EQ(error.code, ErrorCode::kTooLarge);
  EXPECT_EQ(error.message, "the image is 11 x 10 = 110 pixels; the limit max_page_pixels is 100");
  limits_.max_side_pixels = 10;
  EXPECT_THAT(WhyNot(PngOf({11, 1, 8, 0}, std::vector<uint8_t>(11)), kPng).message,
              HasSubstr("the limit max_side_pixels is 10"));
}

TEST_F(ImageTest, RefusesASinglePixel) {
  EXPECT_EQ(WhyNot(PngOf({1, 1, 8, 0}, {0}), kPng).code, ErrorCode::kDamaged);
}

// --- JPEG

JpegSample ColourJpeg(int width, int height) {
  return {width, height, JCS_RGB, 3, GradientOf(width, height, PixelFormat::kRgb8).pixels};
}

TEST_F(ImageTest, ReadsAJpeg) {
  const Raster whole = GradientOf(64, 48, PixelFormat::kRgb8);
  EXPECT_LT(WorstDifference(Decode(JpegOf(ColourJpeg(64, 48)), kJpeg), whole), 16);
  JpegSample progressive = ColourJpeg(64, 48);
  progressive.progressive = true;
  EXPECT_LT(WorstDifference(Decode(JpegOf(progressive), kJpeg), whole), 16);
  const Raster gray = GradientOf(64, 48, PixelFormat::kGray8);
  EXPECT_LT(WorstDifference(Decode(JpegOf({64, 48, JCS_GRAYSCALE, 1, gray.pixels}), kJpeg), gray),
            10);
}

TEST_F(ImageTest, ReadsAJpegInPrintersInks) {
  // Adobe's convention: 255 is no ink. Cyan alone lets green and blue through.
  std::vector<uint8_t> inks;
  for (int i = 0; i < 16 * 16; ++i) inks.insert(inks.end(), {0, 255, 255, 255});
  const Raster image = Decode(JpegOf({16, 16, JCS_CMYK, 4, inks}), kJpeg);
  EXPECT_LT(PixelAt(image, 8, 8)[0], 8);
  EXPECT_GT(PixelAt(image, 8, 8)[1], 247);
  EXPECT_GT(PixelAt(image, 8, 8)[2], 247);
}

TEST_F(ImageTest, TurnsAJpegAsItsExifBlockAsks) {
  JpegSample sample = ColourJpeg(64, 32);
  const Raster stored = Decode(JpegOf(sample), kJpeg);
  sample.exif = "Exif\0\0"s + ExifOf(6);
  const Raster turned = Decode(JpegOf(sample), kJpeg);
  EXPECT_EQ(turned.width, 32);
  EXPECT_EQ(turned.pixels, RotateClockwise(stored, 90).pixels);
}

TEST_F(ImageTest, TakesTheResolutionFromTheJpeg) {
  Raster image = GradientOf(16, 16, PixelFormat::kGray8);
  image.dpi = 240;
  EXPECT_EQ(Decode(*EncodeJpeg(image, 90), kJpeg).dpi, 240);
}

TEST_F(ImageTest, DecodesALargeJpegAtALowerResolution) {
  Raster image = GradientOf(200, 100, PixelFormat::kGray8);
  image.dpi = 300;
  limits_.max_page_pixels = 5000;
  const Raster half = Decode(*EncodeJpeg(image, 90), kJpeg);
  EXPECT_EQ(half.width, 100);
  EXPECT_EQ(half.height, 50);
  EXPECT_EQ(half.dpi, 150);
  limits_.max_page_pixels = 100;
  EXPECT_EQ(WhyNot(*EncodeJpeg(image, 90), kJpeg).code, ErrorCode::kTooLarge);
}

TEST_F(ImageTest, ReadsWhatIsThereOfATruncatedJpeg) {
  const std::string bytes = JpegOf(ColourJpeg(64, 256));
  const Raster whole = Decode(bytes, kJpeg);
  const Raster image = Decode(bytes.substr(0, bytes.size() / 2), kJpeg);
  EXPECT_EQ(PixelAt(image, 10, 10), PixelAt(whole, 10, 10));
  EXPECT_THAT(PixelAt(image, 10, 255), ElementsAre(255, 255, 255));
}

TEST_F(ImageTest, SaysWhatIsMissingOfATruncatedJpeg) {
  const std::string bytes = JpegOf(ColourJpeg(64, 256));
  const std::string regex = "the JPEG image is damaged: it breaks off after [0-9]+ of 256 rows";
  EXPECT_EQ(DamageOf(bytes, kJpeg), "");
  EXPECT_EQ(DamageOf(bytes.substr(0, bytes.size() - 2), kJpeg), "") << "only its end is missing";
  const std::string half = bytes.substr(0, bytes.size() / 2);
  EXPECT_THAT(DamageOf(half, kJpeg), MatchesRegex(regex));
  EXPECT_THAT(DamageOf(half + "\xff\xd9", kJpeg), MatchesRegex(regex)) << "ended by somebody else";
}

TEST_F(ImageTest, SaysWhatIsMissingOfATruncatedProgressiveJpeg) {
  JpegSample sample = ColourJpeg(64, 256);
  sample.progressive = true;
  const std::string bytes = JpegOf(sample);
  EXPECT_EQ(DamageOf(bytes, kJpeg), "");
  EXPECT_THAT(DamageOf(bytes.substr(0, bytes.size() - 20), kJpeg),
              HasSubstr("before all its details"));
  const size_t first_scan = bytes.find("\xff\xda");
  const size_t second_scan = bytes.find("\xff\xda", first_scan + 2);
  const std::string half = bytes.substr(0, (first_scan + second_scan) / 2);
  EXPECT_THAT(DamageOf(half, kJpeg), HasSubstr("breaks off after"));
  EXPECT_THAT(PixelAt(Decode(half, kJpeg), 10, 255), ElementsAre(255, 255, 255));
}

TEST_F(ImageTest, RefusesAJpegThatEndsAfterItsHeader) {
  const std::string bytes = JpegOf(ColourJpeg(64, 256));
  const size_t scan = bytes.find("\xff\xda");
  EXPECT_EQ(WhyNot(bytes.substr(0, scan + 14), kJpeg).code, ErrorCode::kDamaged);
  const Error error = WhyNot(bytes.substr(0, 20), kJpeg);
  EXPECT_EQ(error.code, ErrorCode::kDamaged);
  EXPECT_THAT(error.message, HasSubstr("the JPEG image is damaged: "));
}

// --- TIFF

TEST_F(ImageTest, ReadsABlackAndWhiteTiff) {
  TiffSample page{10, 2, 1, 1, PHOTOMETRIC_MINISWHITE, COMPRESSION_CCITTFAX4};
  page.pixels = {0b10000000, 0b01000000, 0, 0};
  page.dpi = 600;
  const Raster image = Decode(Tiff({page}), kTiff);
  EXPECT_EQ(image.format, PixelFormat::kGray8);
  EXPECT_EQ(image.dpi, 600);
  EXPECT_THAT(image.pixels, ElementsAre(0, 255, 255, 255, 255, 255, 255, 255, 255, 0,  //
                                        255, 255, 255, 255, 255, 255, 255, 255, 255, 255));
  page.photometric = PHOTOMETRIC_MINISBLACK;
  EXPECT_EQ(Decode(Tiff({page}), kTiff).pixels[0], 255);
}

TEST_F(ImageTest, ReadsGreyAndColourTiffs) {
  TiffSample gray{2, 1};
  gray.pixels = {10, 20};
  EXPECT_THAT(Decode(Tiff({gray}), kTiff).pixels, ElementsAre(10, 20));
  gray.photometric = PHOTOMETRIC_MINISWHITE;
  EXPECT_THAT(Decode(Tiff({gray}), kTiff).pixels, ElementsAre(245, 235));
  TiffSample colour{2, 1, 8, 3, PHOTOMETRIC_RGB};
  colour.pixels = {1, 2, 3, 4, 5, 6};
  EXPECT_THAT(Decode(Tiff({colour}), kTiff).pixels, ElementsAre(1, 2, 3, 4, 5, 6));
}

TEST_F(ImageTest, ReadsUnusualTiffs) {
  TiffSample alpha{2, 1, 8, 4, PHOTOMETRIC_RGB};
  alpha.pixels = {200, 0, 0, 0, 200, 0, 0, 255};
  EXPECT_THAT(Decode(Tiff({alpha}), kTiff).pixels, ElementsAre(255, 255, 255, 200, 0, 0));
  TiffSample inks{2, 1, 8, 4, PHOTOMETRIC_SEPARATED};
  inks.pixels = {255, 0, 0, 0, 0, 0, 0, 0};
  EXPECT_THAT(Decode(Tiff({inks}), kTiff).pixels, ElementsAre(0, 255, 255, 255, 255, 255));
  TiffSample deep{2, 1, 16, 1};
  deep.pixels = {0, 0, 0xFF, 0xFF};
  EXPECT_THAT(Decode(Tiff({deep}), kTiff).pixels, ElementsAre(0, 255));
  TiffSample tiled{32, 32};
  tiled.tiled = true;
  tiled.pixels.assign(32 * 32, 77);
  EXPECT_EQ(Decode(Tiff({tiled}), kTiff).pixels, tiled.pixels);
}

TEST_F(ImageTest, ReadsATiffThatHoldsJpegs) {
  const Raster whole = GradientOf(32, 16, PixelFormat::kRgb8);
  TiffSample page{32, 16, 8, 3, PHOTOMETRIC_RGB, COMPRESSION_JPEG};
  page.pixels = whole.pixels;
  EXPECT_LT(WorstDifference(Decode(Tiff({page}), kTiff), whole), 24);
}

TEST_F(ImageTest, ReadsEveryPageOfATiff) {
  for (const char* mode : {"wl", "wb", "w8"}) {
    std::vector<TiffSample> pages(3, TiffSample{2, 1});
    for (uint8_t i = 0; i < 3; ++i) pages[i].pixels = {i, i};
    const std::string bytes = Tiff(pages, mode);
    EXPECT_EQ((*OpenImage(bytes, kTiff, limits_))->info().page_count, 3) << mode;
    for (int i = 0; i < 3; ++i) EXPECT_EQ(Decode(bytes, kTiff, i + 1).pixels[0], i) << mode;
    EXPECT_EQ((*OpenImage(bytes, kTiff, limits_))->Render(4, 300).code(),
              ErrorCode::kInvalidArgument);
  }
}

TEST_F(ImageTest, LeavesThumbnailsOut) {
  std::vector<TiffSample> pages(2, TiffSample{2, 1});
  pages[0].thumbnail = true;
  pages[0].pixels = {1, 1};
  pages[1].pixels = {2, 2};
  EXPECT_EQ((*OpenImage(Tiff(pages), kTiff, limits_))->info().page_count, 1);
  EXPECT_EQ(Decode(Tiff(pages), kTiff).pixels[0], 2);
}

TEST_F(ImageTest, EndsAChainOfPagesThatBitesItsTail) {
  TiffSample page{2, 1};
  page.pixels = {5, 6};
  std::string bytes = Tiff({page}, "wl");
  const auto directory = size_t(uint8_t(bytes[4]));
  const size_t next = directory + 2 + size_t(uint8_t(bytes[directory])) * 12;
  bytes[next] = char(directory);
  EXPECT_EQ((*OpenImage(bytes, kTiff, limits_))->info().page_count, 1);
  EXPECT_THAT(Decode(bytes, kTiff).pixels, ElementsAre(5, 6));
}

TEST_F(ImageTest, RefusesATiffOfTooManyPages) {
  TiffSample page{2, 1};
  page.pixels = {5, 6};
  limits_.max_pages = 2;
  EXPECT_EQ(WhyNot(Tiff({page, page, page}), kTiff).code, ErrorCode::kTooLarge);
  limits_.max_pages = 3;
  EXPECT_TRUE(OpenImage(Tiff({page, page, page}), kTiff, limits_).ok());
}

TEST_F(ImageTest, FailsOnlyThePageThatIsTooLarge) {
  std::vector<TiffSample> pages = {TiffSample{2, 1}, TiffSample{200, 1}};
  pages[0].pixels = {1, 2};
  pages[1].pixels.resize(200);
  limits_.max_page_pixels = 100;
  const std::string bytes = Tiff(pages);
  EXPECT_THAT(Decode(bytes, kTiff, 1).pixels, ElementsAre(1, 2));
  EXPECT_EQ((*OpenImage(bytes, kTiff, limits_))->Render(2, 300).code(), ErrorCode::kTooLarge);
}

TEST_F(ImageTest, TurnsATiffAsItAsks) {
  TiffSample page{2, 1};
  page.pixels = {1, 2};
  page.orientation = ORIENTATION_RIGHTTOP;
  const Raster image = Decode(Tiff({page}), kTiff);
  EXPECT_EQ(image.width, 1);
  EXPECT_THAT(image.pixels, ElementsAre(1, 2));
  page.orientation = ORIENTATION_TOPRIGHT;
  EXPECT_THAT(Decode(Tiff({page}), kTiff).pixels, ElementsAre(2, 1));
  TiffSample deep{2, 1, 16, 1};  // uses libtiff's general method
  deep.pixels = {0, 0, 0xFF, 0xFF};
  deep.orientation = ORIENTATION_TOPRIGHT;
  EXPECT_THAT(Decode(Tiff({deep}), kTiff).pixels, ElementsAre(255, 0));
}

TEST_F(ImageTest, SaysWhatIsWrongWithATiff) {
  EXPECT_THAT(WhyNot("II*\0\xff\0\0\0"s, kTiff).message, HasSubstr("no image directory"));
  TiffSample page{2, 8};
  page.pixels.resize(16);
  std::string bytes = Tiff({page}, "wl");
  bytes.resize(bytes.size() - 4);  // the end of the chain, but nothing of the page
  EXPECT_EQ((*OpenImage(bytes, kTiff, limits_))->info().page_count, 1);
}

TEST_F(ImageTest, ReadsTheBeginningOfATruncatedStrip) {
  TiffSample page{64, 256, 1, 1, PHOTOMETRIC_MINISWHITE, COMPRESSION_CCITTFAX4};
  page.one_strip = true;
  page.pixels.assign(size_t{8} * 256, 0x5A);
  const std::string bytes = Tiff({page}, "wl");
  EXPECT_EQ(DamageOf(bytes, kTiff), "");
  const std::string cut = WithStripAtTheEnd(bytes, 0.5);
  EXPECT_THAT(DamageOf(cut, kTiff),
              MatchesRegex("the TIFF image is damaged: [0-9]+ of 256 rows cannot be decoded"));
  const Raster image = Decode(cut, kTiff);
  EXPECT_EQ(PixelAt(image, 1, 0), PixelAt(Decode(bytes, kTiff), 1, 0));
  EXPECT_THAT(PixelAt(image, 1, 255), ElementsAre(255));
}

TEST_F(ImageTest, SaysHowMuchOfATiffCannotBeDecoded) {
  TiffSample page{64, 64};
  page.pixels.assign(size_t{64} * 64, 0);
  for (size_t i = 0; i < page.pixels.size(); ++i) page.pixels[i] = uint8_t(i * i >> 3);
  std::string bytes = Tiff({page}, "wl");
  bytes.replace(8, 2, "\xff\xff");  // the start of the first strip of eight rows
  EXPECT_EQ(DamageOf(bytes, kTiff), "the TIFF image is damaged: 8 of 64 rows cannot be decoded");
}

// --- WebP

TEST_F(ImageTest, ReadsAWebp) {
  EXPECT_THAT(Decode(WebpOf({200, 0, 0, 255, 0, 0, 9, 255}, 2, 1), kWebp).pixels,
              ElementsAre(200, 0, 0, 0, 0, 9));
  EXPECT_THAT(Decode(WebpOf({200, 0, 0, 0, 0, 0, 9, 255}, 2, 1), kWebp).pixels,
              ElementsAre(255, 255, 255, 0, 0, 9));
}

TEST_F(ImageTest, SaysWhatIsWrongWithAWebp) {
  const std::string bytes = WebpOf(std::vector<uint8_t>(64 * 64 * 4, 99), 64, 64);
  limits_.max_page_pixels = 100;
  EXPECT_EQ(WhyNot(bytes, kWebp).code, ErrorCode::kTooLarge);
  limits_ = {};
  EXPECT_EQ(WhyNot(bytes.substr(0, 16), kWebp).code, ErrorCode::kDamaged);
  EXPECT_EQ(WhyNot(bytes.substr(0, 34), kWebp).code, ErrorCode::kDamaged);
}

TEST_F(ImageTest, SaysWhatIsMissingOfATruncatedWebp) {
  std::vector<uint8_t> rgba(size_t{64} * 256 * 4, 255);
  for (size_t i = 0; i < rgba.size(); ++i) rgba[i] = i % 4 == 3 ? 255 : uint8_t(i * i >> 5);
  const std::string bytes = LossyWebpOf(rgba, 64, 256);
  EXPECT_EQ(DamageOf(bytes, kWebp), "");
  EXPECT_THAT(DamageOf(bytes.substr(0, bytes.size() * 3 / 4), kWebp),
              MatchesRegex("the WebP image is damaged: it breaks off after [0-9]+ of 256 rows"));
}

// --- all

TEST_F(ImageTest, HasNoTextLayer) {
  const std::string bytes = PngOf({2, 1, 8, 0}, {7, 200});
  const auto document = OpenImage(bytes, kPng, limits_);
  const auto layer = (*document)->ReadTextLayer(1, (*document)->Render(1, 300)->raster);
  ASSERT_TRUE(layer.ok());
  EXPECT_TRUE(layer->words.blocks.empty());
  EXPECT_EQ(layer->characters, 0);
}

TEST_F(ImageTest, SurvivesCutAndChangedFiles) {
  const Raster colour = GradientOf(24, 24, PixelFormat::kRgb8);
  TiffSample page{24, 24, 8, 3, PHOTOMETRIC_RGB};
  page.pixels = colour.pixels;
  const std::vector<std::pair<const char*, std::string>> files = {
      {kPng, PngOf({24, 24, 8, 2}, colour.pixels)},
      {kJpeg, JpegOf(ColourJpeg(24, 24))},
      {kTiff, Tiff({page, page})},
      {kWebp, WebpOf(std::vector<uint8_t>(24 * 24 * 4, 99), 24, 24)}};
  for (const auto& [media_type, whole] : files) {
    for (size_t at = 0; at < whole.size(); at += 1 + whole.size() / 150) {
      (void)WhyNot(whole.substr(0, at), media_type);
      std::string changed = whole;
      changed[at] = char(changed[at] ^ 0x2A);
      (void)WhyNot(changed, media_type);
    }
  }
}

TEST(ExifOrientationTest, ReadsBothOrdersOfBytes) {
  EXPECT_EQ(ExifOrientation(ExifOf(8)), 8);
  EXPECT_EQ(ExifOrientation("MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x03\0\0"s), 3);
}

TEST(ExifOrientationTest, IsUprightWhenTheBlockMakesNoSense) {
  EXPECT_EQ(ExifOrientation(""), 1);
  EXPECT_EQ(ExifOrientation(ExifOf(9)), 1);
  const std::string whole = ExifOf(6);
  for (size_t size = 0; size < 20; ++size) EXPECT_EQ(ExifOrientation(whole.substr(0, size)), 1);
  EXPECT_EQ(ExifOrientation("II*\0\xff\xff\xff\xff"s), 1);
}

TEST(TurnUprightTest, UndoesEveryOrientation) {
  // The letter "L" as stored in the eight orientations (EXIF 2.3, 4.6.4).
  const Raster upright{2, 3, 0, PixelFormat::kGray8, {0, 255, 0, 255, 0, 0}};
  const auto turned = [&](int width, int height, std::vector<uint8_t> pixels, int orientation) {
    return TurnUpright({{width, height, 0, PixelFormat::kGray8, std::move(pixels)}, orientation})
        .pixels;
  };
  EXPECT_EQ(turned(2, 3, {0, 255, 0, 255, 0, 0}, 1), upright.pixels);
  EXPECT_EQ(turned(2, 3, {255, 0, 255, 0, 0, 0}, 2), upright.pixels);
  EXPECT_EQ(turned(2, 3, {0, 0, 255, 0, 255, 0}, 3), upright.pixels);
  EXPECT_EQ(turned(2, 3, {0, 0, 0, 255, 0, 255}, 4), upright.pixels);
  EXPECT_EQ(turned(3, 2, {0, 0, 0, 255, 255, 0}, 5), upright.pixels);
  EXPECT_EQ(turned(3, 2, {255, 255, 0, 0, 0, 0}, 6), upright.pixels);
  EXPECT_EQ(turned(3, 2, {0, 255, 255, 0, 0, 0}, 7), upright.pixels);
  EXPECT_EQ(turned(3, 2, {0, 0, 0, 0, 255, 255}, 8), upright.pixels);
}

TEST(OpenImageTest, HasADecoderForEveryMediaTypeButPdf) {
  for (const MediaType& type : MediaTypes()) {
    const auto opened = OpenImage("no image", std::string(type.name), {});
    ASSERT_FALSE(opened.ok());
    EXPECT_EQ(opened.code() == ErrorCode::kUnsupportedMediaType, type.name == kPdf) << type.name;
  }
}

}  // namespace
}  // namespace gnosis
