#include <fmt/format.h>

#include <algorithm>
#include <csetjmp>
#include <cstdio>
#include <optional>

// jpeglib.h requires <cstdio> before it.
#include <jerror.h>
#include <jpeglib.h>

#include "child/codecs.h"

namespace gnosis {
namespace {

constexpr int kMaxScans = 500;  // a progressive image has about ten; thousands are an attack
constexpr int kExifMarker = JPEG_APP0 + 1;
constexpr std::string_view kExifPrefix("Exif\0\0", 6);

// libjpeg reports errors through a callback that must not return; it jumps back into Try.
class JpegReader {
 public:
  JpegReader();
  ~JpegReader() { jpeg_destroy_decompress(&info); }
  JpegReader(const JpegReader&) = delete;
  JpegReader& operator=(const JpegReader&) = delete;

  // Runs `step`, which must not own anything: the jump skips destructors.
  template <typename Step>
  Status Try(Step step) {
    if (setjmp(escape_) != 0) return DamagedImage("JPEG", message_);
    step();
    return Ok();
  }

  void LimitScans() { info.progress = &progress_; }  // call after `info` is created

  jpeg_decompress_struct info{};
  // A place where data is missing or wrong: the row of blocks being decoded, and the scan.
  struct Place {
    int scan = 0;
    int block_row = 0;
  };
  std::optional<Place> ended;    // where a truncated file ends
  std::optional<Place> garbled;  // the first such place

 private:
  static JpegReader& Of(j_common_ptr info) { return *static_cast<JpegReader*>(info->client_data); }
  [[noreturn]] static void Escape(j_common_ptr info);
  static void Warn(j_common_ptr info, int level);
  static void CountScans(j_common_ptr info);

  jpeg_error_mgr errors_{};
  jpeg_progress_mgr progress_{};
  jmp_buf escape_{};
  char message_[JMSG_LENGTH_MAX] = {};
};

JpegReader::JpegReader() {
  info.err = jpeg_std_error(&errors_);
  errors_.error_exit = &Escape;
  errors_.emit_message = &Warn;
  info.client_data = this;
  progress_.progress_monitor = &CountScans;
}

void JpegReader::Escape(j_common_ptr info) {
  JpegReader& reader = Of(info);
  reader.errors_.format_message(info, reader.message_);
  longjmp(reader.escape_, 1);
}

void JpegReader::Warn(j_common_ptr info, int level) {
  if (level >= 0) return;
  JpegReader& reader = Of(info);
  ++reader.errors_.num_warnings;
  const Place here{reader.info.input_scan_number, int(reader.info.input_iMCU_row)};
  switch (reader.errors_.msg_code) {
    case JWRN_HIT_MARKER:  // a marker instead of bits: the file's end, or a wrong one
      if (reader.info.unread_marker == JPEG_EOI) {
        if (!reader.ended) reader.ended = here;
        break;
      }
      [[fallthrough]];
    case JWRN_HUFF_BAD_CODE:
    case JWRN_MUST_RESYNC:
      if (!reader.garbled) reader.garbled = here;
      break;
    default:
      break;
  }
}

void JpegReader::CountScans(j_common_ptr info) {
  JpegReader& reader = Of(info);
  if (!info->is_decompressor || reader.info.input_scan_number <= kMaxScans) return;
  std::snprintf(reader.message_, sizeof reader.message_, "it has more than %d scans", kMaxScans);
  longjmp(reader.escape_, 1);
}

Status ReadHeader(std::string_view bytes, JpegReader& reader) {
  return reader.Try([&] {
    jpeg_create_decompress(&reader.info);
    reader.LimitScans();
    jpeg_save_markers(&reader.info, kExifMarker, 0xFFFF);
    jpeg_mem_src(&reader.info, reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
    jpeg_read_header(&reader.info, TRUE);
  });
}

void ChooseColours(jpeg_decompress_struct& info) {
  switch (info.jpeg_color_space) {
    case JCS_GRAYSCALE:
      info.out_color_space = JCS_GRAYSCALE;
      break;
    case JCS_CMYK:
    case JCS_YCCK:
      info.out_color_space = JCS_CMYK;
      break;
    default:
      info.out_color_space = JCS_RGB;
  }
}

// The largest size within the limits that the decoder can produce.
Status ChooseScale(JpegReader& reader, const RenderLimits& limits) {
  jpeg_decompress_struct& info = reader.info;
  Status fits = Ok();
  for (const unsigned denominator : {1u, 2u, 4u, 8u}) {
    info.scale_num = 1;
    info.scale_denom = denominator;
    RETURN_IF_ERROR(reader.Try([&] { jpeg_calc_output_dimensions(&info); }));
    fits = CheckSize(info.output_width, info.output_height, limits);
    if (fits.ok()) return fits;
  }
  return fits;
}

// Converts ink to light. Adobe's programs store the complement; CMYK files of other programs are
// too rare to matter.
void CmykToRgb(const uint8_t* cmyk, int width, bool inverted, uint8_t* rgb) {
  const unsigned flip = inverted ? 0 : 255;
  for (int x = 0; x < width; ++x, cmyk += 4, rgb += 3) {
    const unsigned black = cmyk[3] ^ flip;
    for (int c = 0; c < 3; ++c) rgb[c] = uint8_t(((cmyk[c] ^ flip) * black + 127) / 255);
  }
}

void ReadRows(JpegReader& reader, std::vector<uint8_t>& line, Raster& raster) {
  jpeg_decompress_struct& info = reader.info;
  const bool cmyk = info.out_color_space == JCS_CMYK;
  while (info.output_scanline < info.output_height) {
    uint8_t* target = raster.row(int(info.output_scanline));
    JSAMPROW row = cmyk ? line.data() : target;
    if (jpeg_read_scanlines(&info, &row, 1) != 1) return;
    if (cmyk) CmykToRgb(row, raster.width, info.saw_Adobe_marker, target);
  }
}

// libjpeg fills missing parts with grey, which would confuse the search for ink.
Status WhitenRowsFrom(int first, Raster& raster) {
  if (first == 0 && raster.height > 64) {
    return DamagedImage("JPEG", "it breaks off before its first row");
  }
  for (int y = first; y < raster.height; ++y) {
    std::fill_n(raster.row(y), size_t(raster.width) * raster.channels(), uint8_t{255});
  }
  return Ok();
}

// Converts a row of blocks to a row of the raster, which may have a smaller scale.
int RasterRow(const jpeg_decompress_struct& info, int block_row) {
  const int64_t row = int64_t{block_row} * info.max_v_samp_factor * DCTSIZE;
  return int(std::min<int64_t>(row * info.output_height / info.image_height, info.output_height));
}

// Returns a description of what is missing.
Result<std::string> MendDamage(JpegReader& reader, Raster& raster) {
  if (const auto& ended = reader.ended) {
    // Only the first scan covers the whole image; later ones refine it.
    if (ended->scan > 1) {
      return DamagedImage("JPEG", fmt::format("it breaks off in scan {}, before all its details",
                                              ended->scan))
          .message;
    }
    const int whole = RasterRow(reader.info, ended->block_row);
    const int begun = RasterRow(reader.info, ended->block_row + 1);
    RETURN_IF_ERROR(WhitenRowsFrom(whole == 0 ? 0 : begun, raster));
    return BreaksOff("JPEG", whole, raster.height);
  }
  if (!reader.garbled) return std::string();
  const int row = RasterRow(reader.info, reader.garbled->block_row);
  return DamagedImage("JPEG", fmt::format("its data is wrong at row {} of {}", row, raster.height))
      .message;
}

int Dpi(const jpeg_decompress_struct& info) {
  if (!info.saw_JFIF_marker) return 0;
  const double per_inch = info.density_unit == 2 ? 2.54 : info.density_unit == 1 ? 1 : 0;
  const int dpi = PlausibleDpi(info.X_density * per_inch);
  return PlausibleDpi(double(dpi) * info.output_width / info.image_width);
}

int Orientation(const jpeg_decompress_struct& info) {
  for (const jpeg_marker_struct* marker = info.marker_list; marker; marker = marker->next) {
    const std::string_view data(reinterpret_cast<const char*>(marker->data), marker->data_length);
    if (marker->marker == kExifMarker && data.starts_with(kExifPrefix)) {
      return ExifOrientation(data.substr(kExifPrefix.size()));
    }
  }
  return 1;
}

}  // namespace

Status CheckJpeg(std::string_view bytes, const RenderLimits& limits) {
  JpegReader reader;
  RETURN_IF_ERROR(ReadHeader(bytes, reader));
  return ChooseScale(reader, limits);
}

Result<Stored> DecodeJpeg(std::string_view bytes, const RenderLimits& limits) {
  JpegReader reader;
  RETURN_IF_ERROR(ReadHeader(bytes, reader));
  jpeg_decompress_struct& info = reader.info;
  ChooseColours(info);
  RETURN_IF_ERROR(ChooseScale(reader, limits));
  const bool gray = info.out_color_space == JCS_GRAYSCALE;
  Raster raster{int(info.output_width),
                int(info.output_height),
                Dpi(info),
                gray ? PixelFormat::kGray8 : PixelFormat::kRgb8,
                {}};
  raster.pixels.assign(size_t(raster.width) * raster.height * raster.channels(), 255);
  std::vector<uint8_t> line(size_t(raster.width) * 4);
  RETURN_IF_ERROR(reader.Try([&] {
    jpeg_start_decompress(&info);
    ReadRows(reader, line, raster);
  }));
  ASSIGN_OR_RETURN(std::string damage, MendDamage(reader, raster));
  return Stored{std::move(raster), Orientation(info), std::move(damage)};
}

bool HasJpegEnd(std::string_view bytes) {
  constexpr size_t kFilling = 4096;
  if (bytes.size() > kFilling) bytes.remove_prefix(bytes.size() - kFilling);
  return bytes.find("\xff\xd9") != std::string_view::npos;
}

}  // namespace gnosis
