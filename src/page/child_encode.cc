#include <spng.h>

#include <algorithm>
#include <cmath>
#include <csetjmp>
#include <cstdio>
#include <cstdlib>
#include <memory>

// jpeglib.h needs <cstdio> before it.
#include <jpeglib.h>

#include "page/child_document.h"

namespace gnosis {
namespace {

// Measured on scans and rendered pages: the fastest level with the filter "up" and zlib's
// run-length strategy is both quicker and smaller than without a filter, or with a better level.
// Bits, eight to a byte, are better left alone.
constexpr int kFastestLevel = 1;
constexpr int kZlibDefaultStrategy = 0;
constexpr int kZlibRunLengths = 3;

using Spng = std::unique_ptr<spng_ctx, decltype(&spng_ctx_free)>;

bool IsBlackAndWhite(const Raster& gray) {
  return std::all_of(gray.pixels.begin(), gray.pixels.end(),
                     [](uint8_t pixel) { return uint8_t(pixel + 1) <= 1; });
}

std::vector<uint8_t> PackBits(const Raster& gray) {
  const size_t row_size = (size_t(gray.width) + 7) / 8;
  std::vector<uint8_t> packed(row_size * gray.height);
  for (int y = 0; y < gray.height; ++y) {
    const uint8_t* row = gray.row(y);
    uint8_t* target = packed.data() + row_size * y;
    for (int x = 0; x < gray.width; ++x) target[x >> 3] |= uint8_t((row[x] & 1) << (7 - (x & 7)));
  }
  return packed;
}

void SetPngHeader(spng_ctx* png, const Raster& gray, uint8_t bit_depth) {
  spng_ihdr header{};
  header.width = uint32_t(gray.width);
  header.height = uint32_t(gray.height);
  header.bit_depth = bit_depth;
  header.color_type = SPNG_COLOR_TYPE_GRAYSCALE;
  spng_set_ihdr(png, &header);
  if (gray.dpi == 0) return;
  const uint32_t per_metre = uint32_t(std::lround(gray.dpi / 0.0254));
  spng_phys density{per_metre, per_metre, 1};
  spng_set_phys(png, &density);
}

Result<std::string> WritePng(const Raster& gray, const std::vector<uint8_t>& pixels,
                             uint8_t bit_depth) {
  const Spng png(spng_ctx_new(SPNG_CTX_ENCODER), &spng_ctx_free);
  if (png == nullptr) return Error{ErrorCode::kInternal, "no memory to write a PNG", ""};
  spng_set_option(png.get(), SPNG_ENCODE_TO_BUFFER, 1);
  spng_set_option(png.get(), SPNG_IMG_COMPRESSION_LEVEL, kFastestLevel);
  spng_set_option(png.get(), SPNG_IMG_COMPRESSION_STRATEGY,
                  bit_depth == 1 ? kZlibDefaultStrategy : kZlibRunLengths);
  spng_set_option(png.get(), SPNG_FILTER_CHOICE,
                  bit_depth == 1 ? SPNG_DISABLE_FILTERING : SPNG_FILTER_CHOICE_UP);
  SetPngHeader(png.get(), gray, bit_depth);
  int code = spng_encode_image(png.get(), pixels.data(), pixels.size(), SPNG_FMT_PNG,
                               SPNG_ENCODE_FINALIZE);
  size_t size = 0;
  const std::unique_ptr<void, decltype(&std::free)> bytes(
      code == 0 ? spng_get_png_buffer(png.get(), &size, &code) : nullptr, &std::free);
  if (bytes == nullptr) {
    return Error{ErrorCode::kInternal, std::string("cannot write a PNG: ") + spng_strerror(code),
                 ""};
  }
  return std::string(static_cast<const char*>(bytes.get()), size);
}

// The library reports an error by a call that must not return; it jumps back into Write.
class JpegWriter {
 public:
  JpegWriter() {
    info_.err = jpeg_std_error(&errors_);
    errors_.error_exit = &Escape;
    errors_.emit_message = [](j_common_ptr, int) {};
    info_.client_data = this;
  }
  ~JpegWriter() {
    jpeg_destroy_compress(&info_);
    std::free(bytes_);
  }
  JpegWriter(const JpegWriter&) = delete;
  JpegWriter& operator=(const JpegWriter&) = delete;

  Result<std::string> Write(const Raster& image, int quality) {
    if (setjmp(escape_) != 0) {
      return Error{ErrorCode::kTooLarge, std::string("cannot write a JPEG: ") + message_, ""};
    }
    Compress(image, quality);
    return std::string(reinterpret_cast<const char*>(bytes_), size_);
  }

 private:
  [[noreturn]] static void Escape(j_common_ptr info) {
    JpegWriter& writer = *static_cast<JpegWriter*>(info->client_data);
    writer.errors_.format_message(info, writer.message_);
    longjmp(writer.escape_, 1);
  }

  void Compress(const Raster& image, int quality) {
    jpeg_create_compress(&info_);
    jpeg_mem_dest(&info_, &bytes_, &size_);
    info_.image_width = JDIMENSION(image.width);
    info_.image_height = JDIMENSION(image.height);
    info_.input_components = image.channels();
    info_.in_color_space = image.format == PixelFormat::kGray8 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_set_defaults(&info_);
    jpeg_set_quality(&info_, quality, TRUE);
    if (image.dpi > 0) {
      info_.density_unit = 1;  // dots per inch
      info_.X_density = info_.Y_density = UINT16(std::min(image.dpi, 65'535));
    }
    jpeg_start_compress(&info_, TRUE);
    while (info_.next_scanline < info_.image_height) {
      JSAMPROW row = const_cast<uint8_t*>(image.row(int(info_.next_scanline)));
      jpeg_write_scanlines(&info_, &row, 1);
    }
    jpeg_finish_compress(&info_);
  }

  jpeg_compress_struct info_{};
  jpeg_error_mgr errors_{};
  jmp_buf escape_{};
  char message_[JMSG_LENGTH_MAX] = {};
  unsigned char* bytes_ = nullptr;
  unsigned long size_ = 0;
};

}  // namespace

Result<std::string> EncodePng(const Raster& gray) {
  GNOSIS_CHECK(gray.format == PixelFormat::kGray8);
  if (IsBlackAndWhite(gray)) return WritePng(gray, PackBits(gray), 1);
  return WritePng(gray, gray.pixels, 8);
}

Result<std::string> EncodeJpeg(const Raster& image, int quality) {
  JpegWriter writer;
  return writer.Write(image, quality);
}

}  // namespace gnosis
