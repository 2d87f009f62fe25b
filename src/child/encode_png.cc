// Writes PNG as specified by the W3C: a header, the resolution, and all rows in one zlib stream.
#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>
#include <sys/mman.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "child/document.h"

namespace gnosis {
namespace {

// Chosen by measuring scans and rendered pages (docs/performance.md): the level that adapts to the
// data but does not search long, with the filter "up". One-bit pixels, packed eight to a byte,
// compress better without a filter.
constexpr uint32_t kLevel = 1;
enum Filter : uint8_t { kNone = 0, kUp = 2 };

constexpr uint8_t kGrayscale = 0;
constexpr uint8_t kPerMetre = 1;

void AppendNumber(uint32_t number, std::string& bytes) {
  for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(char(number >> shift & 0xFF));
}

uint32_t ChecksumOf(std::string_view bytes) {
  return crc32_gzip_refl(0, reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
}

void AppendChunk(std::string_view type, std::string_view data, std::string& png) {
  AppendNumber(uint32_t(data.size()), png);
  const size_t begin = png.size();
  png.append(type).append(data);
  AppendNumber(ChecksumOf(std::string_view(png).substr(begin)), png);
}

std::string Header(const Raster& gray, uint8_t bit_depth) {
  std::string header;
  AppendNumber(uint32_t(gray.width), header);
  AppendNumber(uint32_t(gray.height), header);
  for (const uint8_t byte : {bit_depth, kGrayscale, uint8_t{0}, uint8_t{0}, uint8_t{0}}) {
    header.push_back(char(byte));
  }
  return header;
}

std::string Resolution(int dpi) {
  std::string resolution;
  const auto per_metre = uint32_t(std::lround(dpi / 0.0254));
  AppendNumber(per_metre, resolution);
  AppendNumber(per_metre, resolution);
  resolution.push_back(char(kPerMetre));
  return resolution;
}

bool IsBlackAndWhite(const Raster& gray) {
  return std::all_of(gray.pixels.begin(), gray.pixels.end(),
                     [](uint8_t pixel) { return uint8_t(pixel + 1) <= 1; });
}

// Rows in PNG format: each preceded by its filter number.
std::vector<uint8_t> BitRows(const Raster& gray) {
  const size_t row_size = 1 + (size_t(gray.width) + 7) / 8;
  std::vector<uint8_t> rows(row_size * size_t(gray.height));
  for (int y = 0; y < gray.height; ++y) {
    const uint8_t* pixels = gray.row(y);
    uint8_t* row = rows.data() + row_size * size_t(y);
    *row++ = kNone;
    for (int x = 0; x < gray.width; ++x) row[x >> 3] |= uint8_t((pixels[x] & 1) << (7 - (x & 7)));
  }
  return rows;
}

std::vector<uint8_t> GrayRows(const Raster& gray) {
  const auto width = size_t(gray.width);
  std::vector<uint8_t> rows((1 + width) * size_t(gray.height));
  const std::vector<uint8_t> nothing(width);
  const uint8_t* above = nothing.data();
  uint8_t* row = rows.data();
  for (int y = 0; y < gray.height; ++y, row += width) {
    *row++ = kUp;
    const uint8_t* pixels = gray.row(y);
    std::transform(pixels, pixels + width, above, row,
                   [](uint8_t pixel, uint8_t up) { return uint8_t(pixel - up); });
    above = pixels;
  }
  return rows;
}

// In the worst case everything is stored uncompressed: five bytes before every 65,535, a header and
// a checksum.
size_t LargestStream(size_t size) { return size + 5 * (size / 65'535 + 1) + 16; }

// The state of the compression, all zeros.
//
// Always at the same address, which nothing else uses: for the second byte of an image ISA-L 2.30
// uses a hash of its state's address (bits 16 to 47, at .write_first_byte of
// igzip_icf_body_h1_gr_bt.asm), so otherwise the bytes of a PNG would depend on where memory
// happened to be free. If the address is unavailable, any other memory is used.
class CompressionState {
 public:
  CompressionState() {
    void* const place = reinterpret_cast<void*>(uintptr_t{0x2000'0000'0000});
    void* mapped = ::mmap(place, sizeof(isal_zstream), PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    if (mapped != MAP_FAILED) {
      stream_ = new (mapped) isal_zstream();
    } else {
      elsewhere_ = std::make_unique<isal_zstream>();
      stream_ = elsewhere_.get();
    }
  }
  ~CompressionState() {
    if (!elsewhere_) ::munmap(stream_, sizeof(isal_zstream));
  }
  CompressionState(const CompressionState&) = delete;
  CompressionState& operator=(const CompressionState&) = delete;

  isal_zstream* operator->() { return stream_; }
  isal_zstream* get() { return stream_; }

 private:
  std::unique_ptr<isal_zstream> elsewhere_;
  isal_zstream* stream_;
};

// False if the library reports an error. A page has at most a thousand million pixels (setting
// MAX_PAGE_PIXELS), so all sizes fit into 32 bits.
bool AppendImage(std::vector<uint8_t> rows, std::string& png) {
  std::vector<uint8_t> work(ISAL_DEF_LVL1_DEFAULT);
  const size_t room = LargestStream(rows.size());
  const auto bytes = std::make_unique_for_overwrite<uint8_t[]>(room);
  CompressionState stream;
  isal_deflate_stateless_init(stream.get());
  stream->gzip_flag = IGZIP_ZLIB;
  stream->level = kLevel;
  stream->level_buf = work.data();
  stream->level_buf_size = uint32_t(work.size());
  stream->end_of_stream = 1;
  stream->next_in = rows.data();
  stream->avail_in = uint32_t(rows.size());
  stream->next_out = bytes.get();
  stream->avail_out = uint32_t(room);
  if (isal_deflate_stateless(stream.get()) != COMP_OK) return false;
  AppendChunk("IDAT", {reinterpret_cast<const char*>(bytes.get()), stream->total_out}, png);
  return true;
}

}  // namespace

Result<std::string> EncodePng(const Raster& gray) {
  GNOSIS_CHECK(gray.format == PixelFormat::kGray8);
  const bool bits = IsBlackAndWhite(gray);
  std::string png = "\x89PNG\r\n\x1A\n";
  AppendChunk("IHDR", Header(gray, bits ? 1 : 8), png);
  if (gray.dpi != 0) AppendChunk("pHYs", Resolution(gray.dpi), png);
  if (!AppendImage(bits ? BitRows(gray) : GrayRows(gray), png)) {
    return Error{ErrorCode::kInternal, "cannot write a PNG", ""};
  }
  AppendChunk("IEND", "", png);
  return png;
}

}  // namespace gnosis
