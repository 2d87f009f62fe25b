#include <gtest/gtest.h>
#include <spng.h>

#include <algorithm>
#include <memory>
#include <random>

#include "child/document.h"
#include "support/document_samples.h"

namespace gnosis {
namespace {

Raster Decoded(const std::string& bytes, const std::string& media_type) {
  const auto document = OpenImage(bytes, media_type, {});
  EXPECT_TRUE(document.ok());
  return (*document)->Render(1, 300)->raster;
}

int BitDepth(const std::string& png) { return png.at(24); }

// Our own decoder ignores wrong checksums.
bool ChecksumsAreRight(const std::string& png) {
  const std::unique_ptr<spng_ctx, decltype(&spng_ctx_free)> reader(spng_ctx_new(0), &spng_ctx_free);
  spng_set_crc_action(reader.get(), SPNG_CRC_ERROR, SPNG_CRC_ERROR);
  spng_set_png_buffer(reader.get(), png.data(), png.size());
  size_t size = 0;
  if (spng_decoded_image_size(reader.get(), SPNG_FMT_G8, &size) != 0) return false;
  std::vector<uint8_t> pixels(size);
  return spng_decode_image(reader.get(), pixels.data(), size, SPNG_FMT_G8, 0) == 0 &&
         spng_decode_chunks(reader.get()) == 0;
}

TEST(EncodePngTest, IsLosslessAndKeepsTheResolution) {
  for (const int dpi : {0, 72, 150, 300, 600}) {
    Raster image = GradientOf(211, 40, PixelFormat::kGray8);
    image.dpi = dpi;
    const std::string png = *EncodePng(image);
    EXPECT_EQ(BitDepth(png), 8);
    EXPECT_TRUE(ChecksumsAreRight(png));
    std::string broken = png;
    broken[40] ^= 1;
    EXPECT_FALSE(ChecksumsAreRight(broken));
    EXPECT_EQ(Decoded(png, "image/png").pixels, image.pixels);
    EXPECT_EQ(Decoded(png, "image/png").dpi, dpi);
  }
}

TEST(EncodePngTest, WritesTheSmallestImages) {
  for (const auto& [width, height] : {std::pair(2, 1), std::pair(1, 7), std::pair(9, 1)}) {
    for (const uint8_t first : {uint8_t{0}, uint8_t{77}}) {
      Raster image{width, height, 300, PixelFormat::kGray8,
                   std::vector<uint8_t>(size_t(width * height), 255)};
      image.pixels.front() = first;
      EXPECT_EQ(Decoded(*EncodePng(image), "image/png").pixels, image.pixels) << width;
    }
  }
}

TEST(EncodePngTest, KeepsNoiseThatCannotBeMadeSmaller) {
  std::mt19937 random(7);
  for (const int height : {1, 64, 400}) {
    Raster image{1'023, height, 300, PixelFormat::kGray8,
                 std::vector<uint8_t>(size_t(1'023 * height))};
    std::generate(image.pixels.begin(), image.pixels.end(), random);
    const std::string png = *EncodePng(image);
    EXPECT_TRUE(ChecksumsAreRight(png));
    EXPECT_EQ(Decoded(png, "image/png").pixels, image.pixels) << height;
  }
}

TEST(EncodePngTest, TakesABitForAPixelThatIsBlackOrWhite) {
  Raster image{19, 3, 300, PixelFormat::kGray8, std::vector<uint8_t>(19 * 3, 255)};
  for (const size_t at : {size_t{0}, size_t{18}, size_t{19}, size_t{40}}) image.pixels[at] = 0;
  const std::string png = *EncodePng(image);
  EXPECT_EQ(BitDepth(png), 1);
  EXPECT_TRUE(ChecksumsAreRight(png));
  EXPECT_EQ(Decoded(png, "image/png").pixels, image.pixels);
}

TEST(EncodePngTest, GivesTheSameBytesForTheSamePixels) {
  const Raster image = GradientOf(500, 300, PixelFormat::kGray8);
  EXPECT_EQ(*EncodePng(image), *EncodePng(image));
}

// What a compressor remembers of an image must not depend on the address of its memory.
TEST(EncodePngTest, GivesTheSameBytesWhereverMemoryIsFree) {
  Raster image{8, 8, 150, PixelFormat::kGray8, {}};
  std::mt19937 noise(1);
  for (int i = 0; i < 64; ++i) image.pixels.push_back(noise() % 4 == 0 ? uint8_t(noise() % 4) : 0);
  const std::string first = *EncodePng(image);
  std::vector<std::vector<char>> taken;
  for (int i = 0; i < 1'000; ++i) {
    taken.emplace_back(100'000);
    ASSERT_EQ(*EncodePng(image), first) << i;
  }
}

TEST(EncodeJpegTest, KeepsColoursNearlyAndTheResolution) {
  for (const PixelFormat format : {PixelFormat::kGray8, PixelFormat::kRgb8}) {
    Raster image = GradientOf(100, 80, format);
    image.dpi = 120;
    const Raster decoded = Decoded(*EncodeJpeg(image, 90), "image/jpeg");
    EXPECT_LT(WorstDifference(decoded, image), 24);
    EXPECT_EQ(decoded.dpi, 120);
  }
}

TEST(EncodeJpegTest, IsSmallerAtALowerQuality) {
  const Raster image = GradientOf(200, 200, PixelFormat::kRgb8);
  EXPECT_LT(EncodeJpeg(image, 30)->size(), EncodeJpeg(image, 95)->size());
}

TEST(EncodeJpegTest, RefusesWhatTheFormatCannotHold) {
  const Raster image{70'000, 1, 0, PixelFormat::kGray8, std::vector<uint8_t>(70'000)};
  EXPECT_EQ(EncodeJpeg(image, 80).code(), ErrorCode::kTooLarge);
}

}  // namespace
}  // namespace gnosis
