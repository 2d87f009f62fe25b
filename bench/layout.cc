// How fast the lines of a page are found, and whether what is read in them is the same: our own
// layout against Tesseract's, page by page, read by the fast engine.
//
//   layout [--lang eng] [--texts FOLDER] IMAGE...
//
// Prints for each image the CPU milliseconds of both layouts and of the recognition, how many of
// our regions Tesseract cuts out by the very same box, or why ours is not sure of the page. FOLDER
// gets what was read: NAME.ours.txt and NAME.tesseract.txt.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "base/file.h"
#include "child/document.h"
#include "cpu_time.h"
#include "engine/layout_analysis.h"
#include "engine/layout_words.h"
#include "engine/ocr_engine.h"
#include "languages/languages.h"
#include "layout/find_layout.h"

namespace gnosis {
namespace {

void Write(const std::filesystem::path& path, const std::string& text) {
  std::ofstream(path) << text;
}

std::string CompareCrops(const PageLayout& ours, const PageLayout& theirs) {
  std::vector<Box> crops;
  ForEachRegion(theirs, [&](const TextRegion& region) { crops.push_back(region.crop); });
  int regions = 0, alike = 0;
  ForEachRegion(ours, [&](const TextRegion& region) {
    ++regions;
    alike += std::find(crops.begin(), crops.end(), region.crop) != crops.end() ? 1 : 0;
  });
  return fmt::format("sure, boxes alike {}/{}", alike, regions);
}

struct Bench {
  std::unique_ptr<LayoutAnalysis> analysis = NewLayoutAnalysis();
  std::unique_ptr<OcrEngine> fallback = NewTesseractEngine(FindModelFolders(""));
  std::unique_ptr<OcrEngine> ours = NewFastEngine(FindModelFolders(""), *fallback);
  std::unique_ptr<OcrEngine> theirs = NewFastEngine(
      FindModelFolders(""), *fallback, {.layout = FastEngineOptions::Layout::kTesseract});
  RecogniseRequest request;
  std::filesystem::path texts;

  Status Run(const std::filesystem::path& path) {
    ASSIGN_OR_RETURN(const FileDescriptor file, OpenForReading(path));
    ASSIGN_OR_RETURN(const auto document, OpenDocument(file, "", {}));
    ASSIGN_OR_RETURN(const RenderedPage page, document->Render(1, 300));
    const Raster gray = ToGray(page.raster);
    request.dpi = gray.dpi;
    PageLayout found_theirs;
    const double their_layout = CpuMillisecondsOf(
        [&] { found_theirs = analysis->Find(gray, gray.dpi, Thresholding::kOtsu); });
    Result<PageLayout> found = PageLayout{};
    const double our_layout =
        CpuMillisecondsOf([&] { found = FindLayout(gray, FindPageInk(gray)); });
    const std::string verdict =
        found.ok() ? CompareCrops(*found, found_theirs) : found.error().message;
    Result<PageText> read = PageText{};
    Result<PageText> read_theirs = PageText{};
    const double our_page = CpuMillisecondsOf([&] { read = ours->Recognise(gray, request); });
    const double their_page =
        CpuMillisecondsOf([&] { read_theirs = theirs->Recognise(gray, request); });
    if (!read.ok()) return read.error();
    if (!read_theirs.ok()) return read_theirs.error();
    fmt::print(
        "{:44} layout {:5.0f} / {:5.0f}  page {:5.0f} / {:5.0f}  conf {:5.1f} / {:5.1f}  {}\n",
        path.filename().string(), our_layout, their_layout, our_page, their_page,
        MeanConfidence(*read).value_or(0), MeanConfidence(*read_theirs).value_or(0), verdict);
    if (!texts.empty()) {
      Write(texts / (path.filename().string() + ".ours.txt"), PlainText(*read));
      Write(texts / (path.filename().string() + ".tesseract.txt"), PlainText(*read_theirs));
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
    } else if (std::strcmp(argv[i], "--texts") == 0 && i + 1 < argc) {
      bench.texts = argv[++i];
    } else if (const auto done = bench.Run(argv[i]); !done.ok()) {
      fmt::print("{}: {}\n", argv[i], done.error().message);
    }
  }
}
