// What the first reading of a page leaves, and what a second look at it costs.
//
//   second_look [--lang eng] [--images FOLDER] IMAGE...
//
// Prints for each image (page 1 at 300 dpi of a PDF) the CPU milliseconds of the first reading, of
// finding the rest and of the whole page; the size of the image of what was left, how many lines
// were read again, and how many words there were before and after. FOLDER gets NAME.rest.pgm, and
// the lines of each reading are printed with the confidence of each word.
#include "engine/second_look.h"

#include <fmt/format.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "base/file.h"
#include "child/document.h"
#include "cpu_time.h"
#include "engine/line_worth.h"
#include "engine/ocr_engine.h"
#include "engine/recognise_image.h"
#include "languages/languages.h"

namespace gnosis {
namespace {

void WritePgm(const std::filesystem::path& path, const Raster& gray) {
  std::ofstream file(path, std::ios::binary);
  file << "P5\n" << gray.width << ' ' << gray.height << "\n255\n";
  file.write(reinterpret_cast<const char*>(gray.pixels.data()),
             std::streamsize(gray.pixels.size()));
}

void Print(std::string_view what, const PageText& text) {
  ForEachLine(text, [&](const Line& line) {
    fmt::print("  {}:", what);
    for (const Word& word : line.words) fmt::print(" {}/{:.0f}", word.text, word.confidence);
    fmt::print("\n");
  });
}

struct Bench {
  std::unique_ptr<OcrEngine> fallback = NewTesseractEngine(FindModelFolders(""));
  std::unique_ptr<OcrEngine> engine = NewFastEngine(FindModelFolders(""), *fallback);
  RecogniseRequest request;
  std::filesystem::path images;

  Status Run(const std::filesystem::path& path) {
    ASSIGN_OR_RETURN(const FileDescriptor file, OpenForReading(path));
    ASSIGN_OR_RETURN(const auto document, OpenDocument(file, "", {}));
    ASSIGN_OR_RETURN(const RenderedPage page, document->Render(1, 300));
    const Raster gray = ToGray(page.raster);
    request.dpi = gray.dpi;
    Result<PageText> first = engine->Recognise(gray, request);  // warms the model up
    const double reading = CpuMillisecondsOf([&] { first = engine->Recognise(gray, request); });
    if (!first.ok()) return first.error();
    const PageInk ink = FindPageInk(gray);
    std::optional<RestOfPage> rest;
    const double finding = CpuMillisecondsOf([&] { rest = FindRest(gray, ink, *first); });
    Result<RecognisedImage> whole = RecognisedImage{};
    const double all =
        CpuMillisecondsOf([&] { whole = RecogniseImage(gray, *engine, {request.languages}); });
    if (!whole.ok()) return whole.error();
    fmt::print(
        "{:40} first {:5.0f}  rest {:5.1f}  page {:5.0f}  {:9} rest {:3} lines again  "
        "{:4} -> {:4} words\n",
        path.filename().string(), reading, finding, all,
        rest ? fmt::format("{}x{}", rest->image.width, rest->image.height) : "no",
        rest ? rest->lines_again.size() : 0, WordCount(*first), WordCount(whole->words));
    if (!images.empty()) Print("first", *first);
    if (!images.empty()) Print("page", whole->words);
    if (rest && !images.empty()) {
      RecogniseRequest again = request;
      again.ink = &rest->ink;
      again.extent = rest->is_little ? Extent::kLittleRest : Extent::kRest;
      if (const auto read = engine->Recognise(rest->image, again); read.ok()) Print("rest", *read);
      const auto layout = FindLayout(rest->image, rest->ink, again.extent);
      fmt::print("  layout of the rest: {}\n", layout.ok() ? "sure" : layout.error().message);
      WritePgm(images / (path.filename().string() + ".rest.pgm"), rest->image);
    }
    return Ok();
  }
};

}  // namespace
}  // namespace gnosis

int main(int argc, char** argv) {
  gnosis::Bench bench;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--lang") == 0 && i + 1 < argc) {
      bench.request.languages = {argv[++i]};
    } else if (std::strcmp(argv[i], "--images") == 0 && i + 1 < argc) {
      bench.images = argv[++i];
    } else if (const auto done = bench.Run(argv[i]); !done.ok()) {
      fmt::print("{}: {}\n", argv[i], done.error().message);
    }
  }
}
