// What the image that is kept of a page costs: ours against libspng with zlib at its fastest (level
// 1, run lengths, the filter "up", a byte for a pixel).
//
//   png FILE...
//
// Prints for the first page of each file, at 300 dpi, the CPU milliseconds and the kilobytes of
// both; of five tries in turn the quickest.
#include <fmt/format.h>
#include <spng.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

#include "base/file.h"
#include "child/document.h"
#include "cpu_time.h"

namespace gnosis {
namespace {

constexpr int kRounds = 5;
constexpr int kZlibRunLengths = 3;

size_t EncodeWithZlib(const Raster& gray) {
  const std::unique_ptr<spng_ctx, decltype(&spng_ctx_free)> png(spng_ctx_new(SPNG_CTX_ENCODER),
                                                                &spng_ctx_free);
  spng_set_option(png.get(), SPNG_ENCODE_TO_BUFFER, 1);
  spng_set_option(png.get(), SPNG_IMG_COMPRESSION_LEVEL, 1);
  spng_set_option(png.get(), SPNG_IMG_COMPRESSION_STRATEGY, kZlibRunLengths);
  spng_set_option(png.get(), SPNG_FILTER_CHOICE, SPNG_FILTER_CHOICE_UP);
  spng_ihdr header{};
  header.width = uint32_t(gray.width);
  header.height = uint32_t(gray.height);
  header.bit_depth = 8;
  header.color_type = SPNG_COLOR_TYPE_GRAYSCALE;
  spng_set_ihdr(png.get(), &header);
  spng_encode_image(png.get(), gray.pixels.data(), gray.pixels.size(), SPNG_FMT_PNG,
                    SPNG_ENCODE_FINALIZE);
  size_t size = 0;
  int code = 0;
  std::free(spng_get_png_buffer(png.get(), &size, &code));
  return size;
}

struct Cost {
  double milliseconds = 1e9;
  size_t bytes = 0;
};

template <typename Encode>
void Measure(Encode encode, Cost& cost) {
  const double begin = CpuMilliseconds();
  cost.bytes = encode();
  cost.milliseconds = std::min(cost.milliseconds, CpuMilliseconds() - begin);
}

Status Run(const char* path) {
  ASSIGN_OR_RETURN(const FileDescriptor file, OpenForReading(path));
  ASSIGN_OR_RETURN(const auto document, OpenDocument(file, "", {}));
  ASSIGN_OR_RETURN(const RenderedPage page, document->Render(1, 300));
  const Raster gray = ToGray(page.raster);
  Cost ours, zlib;
  for (int round = 0; round < kRounds; ++round) {
    Measure([&] { return EncodePng(gray)->size(); }, ours);
    Measure([&] { return EncodeWithZlib(gray); }, zlib);
  }
  fmt::print("{}: ours {:.1f} ms, {} kB; zlib {:.1f} ms, {} kB; {:.1f} times as fast\n", path,
             ours.milliseconds, ours.bytes / 1000, zlib.milliseconds, zlib.bytes / 1000,
             zlib.milliseconds / ours.milliseconds);
  return Ok();
}

}  // namespace
}  // namespace gnosis

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    if (const auto done = gnosis::Run(argv[i]); !done.ok()) {
      fmt::print("{}: {}\n", argv[i], done.error().message);
    }
  }
}
