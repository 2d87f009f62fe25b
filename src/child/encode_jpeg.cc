#include <algorithm>
#include <csetjmp>
#include <cstdio>
#include <cstdlib>

// jpeglib.h requires <cstdio> before it.
#include <jpeglib.h>

#include "child/document.h"

namespace gnosis {
namespace {

// libjpeg reports errors through a callback that must not return; it jumps back into Write.
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

Result<std::string> EncodeJpeg(const Raster& image, int quality) {
  JpegWriter writer;
  return writer.Write(image, quality);
}

}  // namespace gnosis
