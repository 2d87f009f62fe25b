#include <fmt/format.h>
#include <tiffio.h>

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <memory>

#include "child/codecs.h"

namespace gnosis {
namespace {

constexpr tmsize_t kMaxAllocationBytes = tmsize_t{1} << 30;
constexpr size_t kMaxZerosAfterEnd = size_t{16} << 20;

// The source that libtiff reads from, and the errors that it reports.
struct Source {
  std::string_view bytes;
  size_t position = 0;
  std::string complaint;          // the first one
  bool goes_on_in_zeros = false;  // after a truncated strip
  size_t zeros_left = 0;
};

Source& Of(thandle_t handle) { return *static_cast<Source*>(handle); }

tmsize_t Read(thandle_t handle, void* target, tmsize_t size) {
  Source& source = Of(handle);
  const size_t left = source.bytes.size() - std::min(source.position, source.bytes.size());
  const size_t count = std::min(left, size_t(size));
  std::memcpy(target, source.bytes.data() + source.position, count);
  source.position += count;
  const size_t zeros = std::min(source.zeros_left, size_t(size) - count);
  std::memset(static_cast<char*>(target) + count, 0, zeros);
  source.zeros_left -= zeros;
  return tmsize_t(count + zeros);
}

tmsize_t RefuseToWrite(thandle_t, void*, tmsize_t) { return -1; }

toff_t Seek(thandle_t handle, toff_t offset, int whence) {
  Source& source = Of(handle);
  const toff_t base = whence == SEEK_CUR   ? source.position
                      : whence == SEEK_END ? source.bytes.size()
                                           : 0;
  source.position = std::min<toff_t>(base + offset, source.bytes.size());
  return source.position;
}

int Close(thandle_t) { return 0; }
toff_t Size(thandle_t handle) { return Of(handle).bytes.size(); }

int Map(thandle_t handle, void** base, toff_t* size) {
  *base = const_cast<char*>(Of(handle).bytes.data());
  *size = Of(handle).bytes.size();
  return 1;
}
void Unmap(thandle_t, void*, toff_t) {}

__attribute__((format(printf, 4, 0))) int Complain(TIFF*, void* user, const char*,
                                                   const char* format, va_list arguments) {
  std::string& complaint = static_cast<Source*>(user)->complaint;
  char line[256];
  std::vsnprintf(line, sizeof line, format, arguments);
  if (complaint.empty()) complaint = line;
  return 1;
}

// Fax decoders report rows without codes as warnings.
__attribute__((format(printf, 4, 0))) int Warn(TIFF* tiff, void* user, const char* module,
                                               const char* format, va_list arguments) {
  if (!static_cast<Source*>(user)->goes_on_in_zeros) return 1;
  return Complain(tiff, user, module, format, arguments);
}

using Tiff = std::unique_ptr<TIFF, decltype(&TIFFClose)>;

// "m": reads through callbacks, not from mapped memory.
constexpr const char* kMapped = "rh";
constexpr const char* kByCalls = "rhm";

// Reads the header, but no directory.
Tiff OpenTiff(Source& source, const char* mode) {
  const std::unique_ptr<TIFFOpenOptions, decltype(&TIFFOpenOptionsFree)> options(
      TIFFOpenOptionsAlloc(), &TIFFOpenOptionsFree);
  TIFFOpenOptionsSetMaxSingleMemAlloc(options.get(), kMaxAllocationBytes);
  TIFFOpenOptionsSetErrorHandlerExtR(options.get(), &Complain, &source);
  TIFFOpenOptionsSetWarningHandlerExtR(options.get(), &Warn, &source);
  return Tiff(TIFFClientOpenExt("image", mode, &source, &Read, &RefuseToWrite, &Seek, &Close, &Size,
                                &Map, &Unmap, options.get()),
              &TIFFClose);
}

template <typename T>
T Tag(TIFF* tiff, uint32_t tag, T otherwise) {
  T value{};
  return TIFFGetFieldDefaulted(tiff, tag, &value) == 1 ? value : otherwise;
}

struct Layout {
  uint32_t width = 0;
  uint32_t height = 0;
  uint32_t rows_per_strip = 0;
  uint16_t bits = 0;
  uint16_t samples = 0;
  uint16_t photometric = 0;
  bool plain_rows = false;  // strips of rows, all samples of a pixel together
};

Layout ReadLayout(TIFF* tiff) {
  Layout layout;
  layout.width = Tag<uint32_t>(tiff, TIFFTAG_IMAGEWIDTH, 0);
  layout.height = Tag<uint32_t>(tiff, TIFFTAG_IMAGELENGTH, 0);
  layout.rows_per_strip = std::max<uint32_t>(1, Tag<uint32_t>(tiff, TIFFTAG_ROWSPERSTRIP, 1));
  layout.bits = Tag<uint16_t>(tiff, TIFFTAG_BITSPERSAMPLE, 1);
  layout.samples = Tag<uint16_t>(tiff, TIFFTAG_SAMPLESPERPIXEL, 1);
  layout.photometric = Tag<uint16_t>(tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISWHITE);
  const uint16_t planes = Tag<uint16_t>(tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
  layout.plain_rows = !TIFFIsTiled(tiff) && (planes == PLANARCONFIG_CONTIG || layout.samples == 1);
  return layout;
}

enum class RowKind { kBits, kGray, kRgb, kOther };

// The rows that can be used directly; anything else takes libtiff's slow, general method.
RowKind KindOfRows(TIFF* tiff, const Layout& layout) {
  const bool gray = layout.samples == 1 && (layout.photometric == PHOTOMETRIC_MINISWHITE ||
                                            layout.photometric == PHOTOMETRIC_MINISBLACK);
  if (!layout.plain_rows) return RowKind::kOther;
  if (gray && layout.bits == 1) return RowKind::kBits;
  if (gray && layout.bits == 8) return RowKind::kGray;
  if (layout.samples != 3 || layout.bits != 8) return RowKind::kOther;
  if (layout.photometric == PHOTOMETRIC_RGB) return RowKind::kRgb;
  const bool jpeg = Tag<uint16_t>(tiff, TIFFTAG_COMPRESSION, 0) == COMPRESSION_JPEG;
  if (layout.photometric != PHOTOMETRIC_YCBCR || !jpeg) return RowKind::kOther;
  TIFFSetField(tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
  return RowKind::kRgb;
}

Error Damaged(const Source& source) {
  return DamagedImage("TIFF", source.complaint.empty() ? "it cannot be decoded" : source.complaint);
}

std::string MissingRows(int missing, int of_rows) {
  const auto what = fmt::format("{} of {} rows cannot be decoded", missing, of_rows);
  return DamagedImage("TIFF", what).message;
}

void SpreadBits(const std::vector<uint8_t>& bits, uint8_t flip, uint8_t* row, int width) {
  for (int x = 0; x < width; ++x) {
    const uint8_t byte = bits[size_t(x) >> 3] ^ flip;
    row[x] = (byte >> (7 - (x & 7))) & 1 ? 255 : 0;
  }
}

void PutRow(RowKind kind, uint8_t flip, const std::vector<uint8_t>& line, Raster& raster, int y) {
  uint8_t* row = raster.row(y);
  if (kind == RowKind::kBits) return SpreadBits(line, flip, row, raster.width);
  const size_t size = size_t(raster.width) * raster.channels();
  for (size_t i = 0; i < size; ++i) row[i] = line[i] ^ flip;
}

// A strip that cannot be decoded is white from there on. Returns the number of decoded rows.
Result<int> ReadRows(TIFF* tiff, const Source& source, const Layout& layout, RowKind kind,
                     Raster& raster) {
  std::vector<uint8_t> line(size_t(TIFFScanlineSize64(tiff)));
  const uint8_t flip = layout.photometric == PHOTOMETRIC_MINISWHITE ? 0xFF : 0;
  int rows = 0;
  for (uint32_t y = 0; y < layout.height;) {
    const bool decoded = TIFFReadScanline(tiff, line.data(), y, 0) == 1;
    // Fax decoders only warn about zeros, and return white rows.
    if (source.goes_on_in_zeros && !source.complaint.empty()) break;
    if (decoded) {
      PutRow(kind, flip, line, raster, int(y));
      ++rows;
      ++y;
    } else {
      const uint64_t next = (uint64_t(y) / layout.rows_per_strip + 1) * layout.rows_per_strip;
      y = uint32_t(std::min<uint64_t>(next, layout.height));
    }
  }
  if (rows == 0) return Damaged(source);
  return rows;
}

// libtiff returns colours premultiplied by alpha.
void PutPixels(const std::vector<uint32_t>& pixels, Raster& raster) {
  uint8_t* target = raster.pixels.data();
  for (const uint32_t pixel : pixels) {
    const unsigned white = 255 - TIFFGetA(pixel);
    *target++ = uint8_t(std::min(255u, TIFFGetR(pixel) + white));
    *target++ = uint8_t(std::min(255u, TIFFGetG(pixel) + white));
    *target++ = uint8_t(std::min(255u, TIFFGetB(pixel) + white));
  }
}

// Reports only that a strip or tile was left white, not where: 0 rows.
Result<int> ReadAnything(TIFF* tiff, const Source& source, uint16_t orientation, Raster& raster) {
  char reason[1024] = "";
  if (TIFFRGBAImageOK(tiff, reason) == 0) return DamagedImage("TIFF", reason);
  std::vector<uint32_t> pixels(size_t(raster.width) * raster.height, 0);
  // Requested in the stored orientation, so that nothing is turned here.
  if (TIFFReadRGBAImageOriented(tiff, uint32_t(raster.width), uint32_t(raster.height),
                                pixels.data(), orientation, 0) == 0) {
    return Damaged(source);
  }
  PutPixels(pixels, raster);
  return source.complaint.empty() ? raster.height : 0;
}

int Dpi(TIFF* tiff) {
  const float resolution = Tag<float>(tiff, TIFFTAG_XRESOLUTION, 0);
  const uint16_t unit = Tag<uint16_t>(tiff, TIFFTAG_RESOLUTIONUNIT, RESUNIT_INCH);
  if (unit == RESUNIT_CENTIMETER) return PlausibleDpi(double(resolution) * 2.54);
  return unit == RESUNIT_INCH ? PlausibleDpi(double(resolution)) : 0;
}

// Returns the number of decoded rows.
Result<int> ReadPixels(TIFF* tiff, const Source& source, uint16_t orientation, Raster& raster) {
  const Layout layout = ReadLayout(tiff);
  const RowKind kind = KindOfRows(tiff, layout);
  raster.format =
      kind == RowKind::kBits || kind == RowKind::kGray ? PixelFormat::kGray8 : PixelFormat::kRgb8;
  raster.pixels.assign(size_t(raster.width) * raster.height * raster.channels(), 255);
  const uint64_t row_bits = uint64_t(layout.width) * layout.samples * layout.bits;
  const bool as_expected = TIFFScanlineSize64(tiff) == (row_bits + 7) / 8;
  if (kind != RowKind::kOther && as_expected) return ReadRows(tiff, source, layout, kind, raster);
  raster.format = PixelFormat::kRgb8;
  raster.pixels.assign(size_t(raster.width) * raster.height * 3, 255);
  return ReadAnything(tiff, source, orientation, raster);
}

// For these compressions zeros are invalid data: decoding stops there instead of producing black
// rows.
bool StopsAtZeros(TIFF* tiff) {
  switch (Tag<uint16_t>(tiff, TIFFTAG_COMPRESSION, COMPRESSION_NONE)) {
    case COMPRESSION_CCITTRLE:
    case COMPRESSION_CCITTFAX3:
    case COMPRESSION_CCITTFAX4:
    case COMPRESSION_DEFLATE:
    case COMPRESSION_ADOBE_DEFLATE:
      return true;
    default:
      return false;
  }
}

struct Decoded {
  Stored stored;
  int rows = 0;
};

enum class CutStrips { kRefuse, kReadTheirBeginning };

// libtiff needs complete strips, and one strip may be the whole page. The missing part can be
// replaced by zeros.
Result<Decoded> Decode(std::string_view bytes, uint64_t directory_offset,
                       const RenderLimits& limits, CutStrips cut_strips) {
  Source source{bytes};
  const bool mend = cut_strips == CutStrips::kReadTheirBeginning;
  const Tiff tiff = OpenTiff(source, mend ? kByCalls : kMapped);
  if (tiff == nullptr || TIFFSetSubDirectory(tiff.get(), directory_offset) != 1) {
    return Damaged(source);
  }
  source.complaint.clear();
  source.goes_on_in_zeros = mend && StopsAtZeros(tiff.get());
  if (source.goes_on_in_zeros) source.zeros_left = kMaxZerosAfterEnd;
  const Layout layout = ReadLayout(tiff.get());
  RETURN_IF_ERROR(CheckSize(layout.width, layout.height, limits));
  uint16_t orientation = Tag<uint16_t>(tiff.get(), TIFFTAG_ORIENTATION, ORIENTATION_TOPLEFT);
  if (orientation < 1 || orientation > 8) orientation = ORIENTATION_TOPLEFT;
  Stored stored{Raster{int(layout.width), int(layout.height), Dpi(tiff.get())}, orientation};
  ASSIGN_OR_RETURN(const int rows, ReadPixels(tiff.get(), source, orientation, stored.raster));
  if (rows == 0) {
    stored.damage = Damaged(source).message;
  } else if (rows < stored.raster.height) {
    stored.damage = MissingRows(stored.raster.height - rows, stored.raster.height);
  }
  return Decoded{std::move(stored), rows};
}

}  // namespace

Result<Stored> DecodeTiff(std::string_view bytes, uint64_t directory_offset,
                          const RenderLimits& limits) {
  auto decoded = Decode(bytes, directory_offset, limits, CutStrips::kRefuse);
  const bool damaged =
      decoded.ok() ? !decoded->stored.damage.empty() : decoded.code() == ErrorCode::kDamaged;
  if (damaged) {
    auto mended = Decode(bytes, directory_offset, limits, CutStrips::kReadTheirBeginning);
    if (mended.ok() && (!decoded.ok() || mended->rows > decoded->rows)) decoded = std::move(mended);
  }
  if (!decoded.ok()) return decoded.error();
  return std::move(decoded->stored);
}

}  // namespace gnosis
