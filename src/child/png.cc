#include <fmt/format.h>
#include <spng.h>

#include <memory>
#include <optional>

#include "child/codecs.h"

namespace gnosis {
namespace {

constexpr size_t kMaxChunkBytes = size_t{16} << 20;  // of colour profiles, texts and the like

constexpr size_t kSignatureBytes = 8;
constexpr size_t kChunkHeadBytes = 8;  // length and type
constexpr size_t kChecksumBytes = 4;

using Spng = std::unique_ptr<spng_ctx, decltype(&spng_ctx_free)>;

// Checksums are ignored: a flipped bit should cost a few pixels, not the page.
Spng OpenPng(std::string_view bytes) {
  Spng png(spng_ctx_new(SPNG_CTX_IGNORE_ADLER32), &spng_ctx_free);
  if (png == nullptr) return png;
  spng_set_crc_action(png.get(), SPNG_CRC_USE, SPNG_CRC_USE);
  spng_set_chunk_limits(png.get(), kMaxChunkBytes, kMaxChunkBytes);
  spng_set_png_buffer(png.get(), bytes.data(), bytes.size());
  return png;
}

// Repairs a file that is truncated inside a chunk of pixels, so that it ends with that chunk;
// nothing if it is not. The library needs complete chunks, and one chunk may hold all pixels.
std::optional<std::string> EndedProperly(std::string_view bytes) {
  size_t at = kSignatureBytes;
  while (at + kChunkHeadBytes <= bytes.size()) {
    size_t length = 0;
    for (size_t i = 0; i < 4; ++i) length = length << 8 | uint8_t(bytes[at + i]);
    const size_t left = bytes.size() - at - kChunkHeadBytes;
    if (length + kChecksumBytes > left) {
      if (bytes.substr(at + 4, 4) != "IDAT") return std::nullopt;
      std::string mended(bytes);
      for (size_t i = 0; i < 4; ++i) mended[at + i] = char(left >> (24 - 8 * i));
      return mended + std::string(kChecksumBytes, '\0');
    }
    at += kChunkHeadBytes + length + kChecksumBytes;
  }
  return std::nullopt;
}

Error SpngError(int code) { return DamagedImage("PNG", spng_strerror(code)); }

Result<spng_ihdr> ReadHeader(spng_ctx* png, const RenderLimits& limits) {
  if (png == nullptr) return DamagedImage("PNG", "not enough memory to open it");
  spng_ihdr header{};
  if (const int code = spng_get_ihdr(png, &header); code != 0) return SpngError(code);
  RETURN_IF_ERROR(CheckSize(header.width, header.height, limits));
  return header;
}

bool HasAlpha(spng_ctx* png, const spng_ihdr& header) {
  spng_trns transparency{};
  return header.color_type == SPNG_COLOR_TYPE_GRAYSCALE_ALPHA ||
         header.color_type == SPNG_COLOR_TYPE_TRUECOLOR_ALPHA ||
         spng_get_trns(png, &transparency) == 0;
}

struct Layout {
  int format = SPNG_FMT_RGB8;
  int channels = 3;
};

Layout ChooseLayout(spng_ctx* png, const spng_ihdr& header) {
  if (HasAlpha(png, header)) return {SPNG_FMT_RGBA8, 4};
  const bool gray = header.color_type == SPNG_COLOR_TYPE_GRAYSCALE && header.bit_depth <= 8;
  return gray ? Layout{SPNG_FMT_G8, 1} : Layout{};
}

// Decodes row by row, so that a truncated file yields what precedes the cut; the rest is white.
// Returns a description of what is missing.
Result<std::string> DecodeRows(spng_ctx* png, const Layout& layout, const spng_ihdr& header,
                               std::vector<uint8_t>& pixels) {
  int code =
      spng_decode_image(png, nullptr, 0, layout.format, SPNG_DECODE_TRNS | SPNG_DECODE_PROGRESSIVE);
  const size_t row_size = size_t(header.width) * layout.channels;
  int rows = 0;  // over all passes if the image is interlaced
  int pass = 0;
  while (code == 0) {
    spng_row_info row{};
    code = spng_get_row_info(png, &row);
    if (code != 0) break;
    pass = row.pass;
    code = spng_decode_row(png, pixels.data() + row_size * row.row_num, row_size);
    if (code == 0 || code == SPNG_EOI) ++rows;
  }
  if (rows == 0) return SpngError(code);
  if (code == SPNG_EOI) return std::string();
  if (header.interlace_method == SPNG_INTERLACE_NONE) {
    return BreaksOff("PNG", rows, int(header.height));
  }
  return DamagedImage("PNG", fmt::format("it breaks off in pass {} of 7", pass + 1)).message;
}

int Dpi(spng_ctx* png) {
  spng_phys density{};
  if (spng_get_phys(png, &density) != 0 || density.unit_specifier != 1) return 0;
  return PlausibleDpi(density.ppu_x * 0.0254);
}

int Orientation(spng_ctx* png) {
  spng_exif exif{};
  return spng_get_exif(png, &exif) == 0 ? ExifOrientation({exif.data, exif.length}) : 1;
}

}  // namespace

Status CheckPng(std::string_view bytes, const RenderLimits& limits) {
  const Spng png = OpenPng(bytes);
  const Result<spng_ihdr> header = ReadHeader(png.get(), limits);
  return header.ok() ? Ok() : Status(header.error());
}

Result<Stored> DecodePng(std::string_view bytes, const RenderLimits& limits) {
  const std::optional<std::string> mended = EndedProperly(bytes);
  const Spng png = OpenPng(mended ? *mended : bytes);
  ASSIGN_OR_RETURN(const spng_ihdr header, ReadHeader(png.get(), limits));
  const Layout layout = ChooseLayout(png.get(), header);
  std::vector<uint8_t> pixels(size_t(header.width) * header.height * layout.channels, 255);
  ASSIGN_OR_RETURN(std::string damage, DecodeRows(png.get(), layout, header, pixels));
  if (layout.channels == 4) ComposeOverPaper(pixels);
  const PixelFormat format = layout.channels == 1 ? PixelFormat::kGray8 : PixelFormat::kRgb8;
  return Stored{
      Raster{int(header.width), int(header.height), Dpi(png.get()), format, std::move(pixels)},
      Orientation(png.get()), std::move(damage)};
}

}  // namespace gnosis
