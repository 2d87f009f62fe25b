// Images of every awkward kind for the tests of child_image.cc, encoded with the codecs' own
// libraries.
#pragma once

#include <spng.h>
#include <tiffio.h>
#include <webp/encode.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

// jpeglib.h needs <cstdio> before it.
#include <jpeglib.h>

namespace gnosis {

inline std::string PngOf(const spng_ihdr& header, const std::vector<uint8_t>& pixels,
                         const spng_plte* palette = nullptr, const spng_trns* alpha = nullptr) {
  spng_ctx* png = spng_ctx_new(SPNG_CTX_ENCODER);
  spng_set_option(png, SPNG_ENCODE_TO_BUFFER, 1);
  spng_ihdr copy = header;
  spng_set_ihdr(png, &copy);
  if (palette) {
    spng_plte plte = *palette;
    spng_set_plte(png, &plte);
  }
  if (alpha) {
    spng_trns trns = *alpha;
    spng_set_trns(png, &trns);
  }
  spng_encode_image(png, pixels.data(), pixels.size(), SPNG_FMT_PNG, SPNG_ENCODE_FINALIZE);
  size_t size = 0;
  int code = 0;
  void* bytes = spng_get_png_buffer(png, &size, &code);
  std::string file(static_cast<const char*>(bytes), bytes ? size : 0);
  std::free(bytes);
  spng_ctx_free(png);
  return file;
}

struct JpegSample {
  int width = 0;
  int height = 0;
  J_COLOR_SPACE colours = JCS_RGB;  // of the pixels
  int components = 3;
  std::vector<uint8_t> pixels;
  std::string exif = {};  // with "Exif\0\0"
  bool progressive = false;
};

inline std::string JpegOf(const JpegSample& sample) {
  jpeg_compress_struct info{};
  jpeg_error_mgr errors{};
  info.err = jpeg_std_error(&errors);
  jpeg_create_compress(&info);
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&info, &bytes, &size);
  info.image_width = JDIMENSION(sample.width);
  info.image_height = JDIMENSION(sample.height);
  info.input_components = sample.components;
  info.in_color_space = sample.colours;
  jpeg_set_defaults(&info);
  jpeg_set_quality(&info, 95, TRUE);
  if (sample.progressive) jpeg_simple_progression(&info);
  jpeg_start_compress(&info, TRUE);
  if (!sample.exif.empty()) {
    jpeg_write_marker(&info, JPEG_APP0 + 1, reinterpret_cast<const JOCTET*>(sample.exif.data()),
                      unsigned(sample.exif.size()));
  }
  while (info.next_scanline < info.image_height) {
    const size_t row_size = size_t(sample.width) * sample.components;
    auto* row = const_cast<uint8_t*>(sample.pixels.data() + row_size * info.next_scanline);
    jpeg_write_scanlines(&info, &row, 1);
  }
  jpeg_finish_compress(&info);
  std::string file(reinterpret_cast<const char*>(bytes), size);
  jpeg_destroy_compress(&info);
  std::free(bytes);
  return file;
}

// An EXIF block that says nothing but how the image lies.
inline std::string ExifOf(char orientation) {
  using std::string_literals::operator""s;
  return "II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0"s + orientation + "\0\0\0\0\0\0\0"s;
}

struct TiffSample {
  uint32_t width = 0;
  uint32_t height = 0;
  uint16_t bits = 8;
  uint16_t samples = 1;
  uint16_t photometric = PHOTOMETRIC_MINISBLACK;
  uint16_t compression = COMPRESSION_LZW;
  uint16_t orientation = ORIENTATION_TOPLEFT;
  float dpi = 0;
  bool thumbnail = false;
  bool tiled = false;           // one tile of 32 x 32
  bool one_strip = false;       // or strips of eight rows
  std::vector<uint8_t> pixels;  // rows as they are stored
};

inline void WriteTiffPage(TIFF* tiff, const TiffSample& page) {
  TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, page.width);
  TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, page.height);
  TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, page.bits);
  TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, page.samples);
  TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, page.photometric);
  TIFFSetField(tiff, TIFFTAG_COMPRESSION, page.compression);
  TIFFSetField(tiff, TIFFTAG_ORIENTATION, page.orientation);
  TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
  if (page.thumbnail) TIFFSetField(tiff, TIFFTAG_SUBFILETYPE, FILETYPE_REDUCEDIMAGE);
  if (page.samples == 2 || page.samples == 4) {
    const uint16_t extra = EXTRASAMPLE_UNASSALPHA;
    if (page.photometric != PHOTOMETRIC_SEPARATED) {
      TIFFSetField(tiff, TIFFTAG_EXTRASAMPLES, 1, &extra);
    }
  }
  if (page.dpi > 0) {
    TIFFSetField(tiff, TIFFTAG_XRESOLUTION, double(page.dpi));
    TIFFSetField(tiff, TIFFTAG_RESOLUTIONUNIT, RESUNIT_INCH);
  }
  auto* pixels = const_cast<uint8_t*>(page.pixels.data());
  if (page.tiled) {
    TIFFSetField(tiff, TIFFTAG_TILEWIDTH, 32);
    TIFFSetField(tiff, TIFFTAG_TILELENGTH, 32);
    TIFFWriteEncodedTile(tiff, 0, pixels, tmsize_t(page.pixels.size()));
  } else {
    TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, page.one_strip ? page.height : 8);
    const size_t row_size = page.pixels.size() / page.height;
    for (uint32_t y = 0; y < page.height; ++y) {
      TIFFWriteScanline(tiff, pixels + row_size * y, y, 0);
    }
  }
  TIFFWriteDirectory(tiff);
}

// `mode`: "w", or "w8" for BigTIFF, and "l" or "b" for the order of bytes.
inline std::string TiffOf(const std::vector<TiffSample>& pages, const char* path,
                          const char* mode = "w") {
  TIFF* tiff = TIFFOpen(path, mode);
  for (const TiffSample& page : pages) WriteTiffPage(tiff, page);
  TIFFClose(tiff);
  std::string bytes;
  std::FILE* file = std::fopen(path, "rb");
  for (int c = std::fgetc(file); c != EOF; c = std::fgetc(file)) bytes += char(c);
  std::fclose(file);
  return bytes;
}

inline std::string WebpOf(const std::vector<uint8_t>& rgba, int width, int height) {
  uint8_t* bytes = nullptr;
  const size_t size = WebPEncodeLosslessRGBA(rgba.data(), width, height, width * 4, &bytes);
  std::string file(reinterpret_cast<const char*>(bytes), size);
  WebPFree(bytes);
  return file;
}

inline std::string LossyWebpOf(const std::vector<uint8_t>& rgba, int width, int height) {
  uint8_t* bytes = nullptr;
  const size_t size = WebPEncodeRGBA(rgba.data(), width, height, width * 4, 90, &bytes);
  std::string file(reinterpret_cast<const char*>(bytes), size);
  WebPFree(bytes);
  return file;
}

}  // namespace gnosis
