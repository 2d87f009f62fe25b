#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "child/codecs.h"

namespace gnosis {
namespace {

constexpr uint16_t kOrientationTag = 0x0112;
constexpr uint16_t kShortType = 3;

// Reads numbers from a block of bytes in either byte order; nothing beyond its end.
struct ExifBytes {
  std::string_view bytes;
  bool little_endian;

  std::optional<uint32_t> Number(size_t offset, size_t size) const {
    if (offset > bytes.size() || bytes.size() - offset < size) return std::nullopt;
    uint32_t value = 0;
    for (size_t i = 0; i < size; ++i) {
      const size_t at = little_endian ? offset + size - 1 - i : offset + i;
      value = value << 8 | uint8_t(bytes[at]);
    }
    return value;
  }
};

std::optional<uint32_t> ShortTag(const ExifBytes& exif, uint32_t directory, uint16_t tag) {
  const uint32_t count = exif.Number(directory, 2).value_or(0);
  for (uint32_t i = 0; i < count; ++i) {
    const size_t entry = size_t(directory) + 2 + size_t(i) * 12;
    if (exif.Number(entry, 2) != tag) continue;
    if (exif.Number(entry + 2, 2) != kShortType) return std::nullopt;
    return exif.Number(entry + 8, 2);
  }
  return std::nullopt;
}

Raster MirrorAcross(Raster image) {
  const int channels = image.channels();
  for (int y = 0; y < image.height; ++y) {
    uint8_t* left = image.row(y);
    uint8_t* right = left + ptrdiff_t(image.width - 1) * channels;
    for (; left < right; left += channels, right -= channels) {
      std::swap_ranges(left, left + channels, right);
    }
  }
  return image;
}

// White, or black where what is drawn on transparent ground is itself nearly white.
unsigned PaperFor(const std::vector<uint8_t>& rgba) {
  constexpr uint64_t kNearlyWhite = 208;
  uint64_t opacity = 0, brightness = 0;
  for (size_t i = 0; i + 3 < rgba.size(); i += 4) {
    opacity += rgba[i + 3];
    brightness += uint64_t(rgba[i + 3]) * (rgba[i] + rgba[i + 1] + rgba[i + 2]) / 3;
  }
  const uint64_t full = rgba.size() / 4 * 255;
  const bool is_mostly_transparent = opacity < full / 2;
  return is_mostly_transparent && brightness > kNearlyWhite * opacity ? 0 : 255;
}

}  // namespace

Status CheckSize(int64_t width, int64_t height, const RenderLimits& limits) {
  if (width <= 0 || height <= 0) {
    return Error{ErrorCode::kDamaged, "the image has no pixels", "Export or scan it again."};
  }
  const std::string hint = "Scale the image down and send it again.";
  if (std::max(width, height) > limits.max_side_pixels) {
    return Error{ErrorCode::kTooLarge,
                 fmt::format("the image is {} x {} pixels; the limit max_side_pixels is {}", width,
                             height, limits.max_side_pixels),
                 hint};
  }
  if (width * height > limits.max_page_pixels) {
    return Error{ErrorCode::kTooLarge,
                 fmt::format("the image is {} x {} = {} pixels; the limit max_page_pixels is {}",
                             width, height, width * height, limits.max_page_pixels),
                 hint};
  }
  return Ok();
}

Error TooManyPages(int64_t count, const RenderLimits& limits) {
  return Error{
      ErrorCode::kTooLarge,
      fmt::format("the document has {} pages; the limit MAX_PAGES is {}", count, limits.max_pages),
      "Split the document, or raise MAX_PAGES."};
}

Error DamagedImage(std::string_view kind, std::string_view reason) {
  return Error{ErrorCode::kDamaged, fmt::format("the {} image is damaged: {}", kind, reason),
               "Open it in an image viewer; if it looks right there, save it again."};
}

std::string BreaksOff(std::string_view kind, int rows, int of_rows) {
  return DamagedImage(kind, fmt::format("it breaks off after {} of {} rows", rows, of_rows))
      .message;
}

int ExifOrientation(std::string_view exif) {
  if (!exif.starts_with("II") && !exif.starts_with("MM")) return 1;
  const ExifBytes block{exif, exif[0] == 'I'};
  const std::optional<uint32_t> directory = block.Number(4, 4);
  if (!directory) return 1;
  const uint32_t orientation = ShortTag(block, *directory, kOrientationTag).value_or(1);
  return orientation >= 1 && orientation <= 8 ? int(orientation) : 1;
}

Raster TurnUpright(const Stored& stored) {
  const Raster& image = stored.raster;
  switch (stored.orientation) {
    case 2:
      return MirrorAcross(image);
    case 3:
      return RotateClockwise(image, 180);
    case 4:
      return MirrorAcross(RotateClockwise(image, 180));
    case 5:
      return MirrorAcross(RotateClockwise(image, 90));
    case 6:
      return RotateClockwise(image, 90);
    case 7:
      return MirrorAcross(RotateClockwise(image, 270));
    case 8:
      return RotateClockwise(image, 270);
    default:
      return image;
  }
}

Raster GrayIfColourless(Raster image) {
  if (image.format == PixelFormat::kGray8) return image;
  const uint8_t* pixel = image.pixels.data();
  const uint8_t* end = pixel + image.pixels.size();
  for (; pixel < end; pixel += 3) {
    if (pixel[0] != pixel[1] || pixel[1] != pixel[2]) return image;
  }
  Raster gray{image.width, image.height, image.dpi, PixelFormat::kGray8, {}};
  gray.pixels.resize(image.pixels.size() / 3);
  const uint8_t* source = image.pixels.data();
  for (uint8_t& target : gray.pixels) {
    target = *source;
    source += 3;
  }
  return gray;
}

void ComposeOverPaper(std::vector<uint8_t>& rgba) {
  const unsigned paper = PaperFor(rgba);
  const size_t count = rgba.size() / 4;
  const uint8_t* source = rgba.data();
  uint8_t* target = rgba.data();
  for (size_t i = 0; i < count; ++i, source += 4, target += 3) {
    const unsigned alpha = source[3];
    const unsigned from_paper = paper * (255 - alpha) + 127;
    for (int c = 0; c < 3; ++c) target[c] = uint8_t((source[c] * alpha + from_paper) / 255);
  }
  rgba.resize(count * 3);
}

int PlausibleDpi(double dpi) {
  return std::isfinite(dpi) && dpi >= 20 && dpi <= 10'000 ? int(std::lround(dpi)) : 0;
}

}  // namespace gnosis
