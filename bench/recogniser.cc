// How fast, and how like libtesseract, the fast engine reads: both read the same images in the same
// run, one after the other, page by page.
//
//   recogniser [--lang eng] [--kernels scalar|avx2|avx512-vnni] [--rounds 5] [--show] IMAGE...
//
// Prints for each image and in all: CPU milliseconds of layout analysis, of recognition by
// libtesseract and by us (layout taken off both), their ratio, and the share of lines read alike.
// The layout is measured before each reading and taken off that one, and each figure is the median
// of the rounds: what is left of ours is small against the layout, and processors change their
// pace.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "base/file.h"
#include "child/document.h"
#include "cpu_time.h"
#include "engine/layout_analysis.h"
#include "engine/ocr_engine.h"
#include "languages/languages.h"
#include "lstm/kernels.h"

namespace gnosis {
namespace {

std::vector<std::string> LinesOf(const PageText& text) {
  std::vector<std::string> lines;
  for (const Block& block : text.blocks) {
    for (const Paragraph& paragraph : block.paragraphs) {
      for (const Line& line : paragraph.lines) {
        std::string words;
        for (const Word& word : line.words) words += (words.empty() ? "" : " ") + word.text;
        lines.push_back(words);
      }
    }
  }
  return lines;
}

double Median(std::vector<double> values) {
  const auto middle = values.begin() + int(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

struct Figures {
  double layout_ms = 0;
  double theirs_ms = 0;
  double ours_ms = 0;
  int lines = 0;
  int alike = 0;
  int words = 0;
  int boxes_alike = 0;        // of the words that both read: within 2 pixels
  int confidences_alike = 0;  // within 1

  void Add(const Figures& other) {
    layout_ms += other.layout_ms;
    theirs_ms += other.theirs_ms;
    ours_ms += other.ours_ms;
    lines += other.lines;
    alike += other.alike;
    words += other.words;
    boxes_alike += other.boxes_alike;
    confidences_alike += other.confidences_alike;
  }
  void Print(const std::string& name) const {
    fmt::print(
        "{:40} layout {:7.0f}  libtesseract {:7.0f}  fast {:7.0f}  ratio {:5.2f}  "
        "lines alike {}/{} ({:.2f} %)  boxes {}/{}  confidences {}\n",
        name, layout_ms, theirs_ms, ours_ms, theirs_ms / ours_ms, alike, lines,
        100.0 * alike / std::max(1, lines), boxes_alike, words, confidences_alike);
  }
};

enum class Show { kFigures, kDifferences };

class Bench {
 public:
  Bench(std::string language, Show show, const Kernels& kernels, int rounds)
      : show_(show),
        rounds_(rounds),
        request_{.languages = {std::move(language)}},
        theirs_(NewTesseractEngine(FindModelFolders(""))),
        ours_(NewFastEngine(
            FindModelFolders(""), *theirs_,
            {.layout = FastEngineOptions::Layout::kTesseract, .kernels = &kernels})) {}

  Result<Figures> Measure(const std::string& path) {
    ASSIGN_OR_RETURN(const FileDescriptor file, OpenForReading(path));
    ASSIGN_OR_RETURN(const auto document, OpenDocument(file, "", {}));
    Figures all;
    for (int page = 1; page <= document->info().page_count; ++page) {
      ASSIGN_OR_RETURN(const RenderedPage rendered, document->Render(page, 300));
      const Raster gray = ToGray(rendered.raster);
      request_.dpi = gray.dpi;
      ASSIGN_OR_RETURN(const Figures figures, MeasurePage(gray));
      all.Add(figures);
    }
    return all;
  }

 private:
  double MeasureLayout(const Raster& gray) {
    const double start = CpuMilliseconds();
    layout_->Find(gray, gray.dpi, request_.thresholding);
    return CpuMilliseconds() - start;
  }

  Result<Figures> MeasurePage(const Raster& gray) {
    if (!warm_) {  // models are loaded on first use
      ASSIGN_OR_RETURN([[maybe_unused]] const PageText first, theirs_->Recognise(gray, request_));
      ASSIGN_OR_RETURN([[maybe_unused]] const PageText second, ours_->Recognise(gray, request_));
      warm_ = true;
    }
    std::vector<double> layout_ms, theirs_ms, ours_ms;
    PageText theirs;
    PageText ours;
    for (int round = 0; round < rounds_; ++round) {
      const double before_theirs = MeasureLayout(gray);
      const double start = CpuMilliseconds();
      ASSIGN_OR_RETURN(theirs, theirs_->Recognise(gray, request_));
      theirs_ms.push_back(CpuMilliseconds() - start - before_theirs);
      const double before_ours = MeasureLayout(gray);
      const double middle = CpuMilliseconds();
      ASSIGN_OR_RETURN(ours, ours_->Recognise(gray, request_));
      ours_ms.push_back(CpuMilliseconds() - middle - before_ours);
      layout_ms.push_back(before_ours);
    }
    Figures figures = {
        .layout_ms = Median(layout_ms), .theirs_ms = Median(theirs_ms), .ours_ms = Median(ours_ms)};
    Compare(theirs, ours, figures);
    return figures;
  }

  void Compare(const PageText& theirs, const PageText& ours, Figures& figures) {
    const auto expected = LinesOf(theirs);
    const auto read = LinesOf(ours);
    figures.lines = int(expected.size());
    size_t next = 0;
    for (const std::string& line : expected) {
      // Lines are matched in order; one that is missing does not spoil those behind it.
      size_t at = next;
      while (at < read.size() && read[at] != line) ++at;
      if (at < read.size()) {
        ++figures.alike;
        next = at + 1;
      } else if (show_ == Show::kDifferences) {
        fmt::print("  theirs {}\n  ours   {}\n", line, next < read.size() ? read[next] : "-");
      }
    }
    CompareWords(theirs, ours, figures);
  }

  static std::vector<Word> WordsOf(const PageText& text) {
    std::vector<Word> words;
    for (const Block& block : text.blocks) {
      for (const Paragraph& paragraph : block.paragraphs) {
        for (const Line& line : paragraph.lines) {
          words.insert(words.end(), line.words.begin(), line.words.end());
        }
      }
    }
    return words;
  }

  static void CompareWords(const PageText& theirs, const PageText& ours, Figures& figures) {
    const auto expected = WordsOf(theirs);
    const auto read = WordsOf(ours);
    const auto near = [](int a, int b) { return std::abs(a - b) <= 2; };
    if (expected.size() != read.size()) return;
    for (size_t i = 0; i < read.size(); ++i) {
      if (read[i].text != expected[i].text) continue;
      ++figures.words;
      const Box& a = expected[i].box;
      const Box& b = read[i].box;
      figures.boxes_alike += near(a.left, b.left) && near(a.top, b.top) && near(a.right, b.right) &&
                             near(a.bottom, b.bottom);
      figures.confidences_alike += std::abs(expected[i].confidence - read[i].confidence) <= 1;
    }
  }

  const Show show_;
  const int rounds_;
  bool warm_ = false;
  RecogniseRequest request_;
  const std::unique_ptr<LayoutAnalysis> layout_ = NewLayoutAnalysis();
  std::unique_ptr<OcrEngine> theirs_;
  std::unique_ptr<OcrEngine> ours_;
};

const Kernels* KernelsCalled(std::string_view name) {
  for (const Kernels* kernels : {&ScalarKernels(), Avx2Kernels(), VnniKernels()}) {
    if (kernels != nullptr && kernels->name == name) return kernels;
  }
  return nullptr;
}

int Main(int argc, char** argv) {
  std::string language = "eng";
  Show show = Show::kFigures;
  int rounds = 5;
  const Kernels* kernels = &BestKernels();
  std::vector<std::string> paths;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--lang") == 0 && i + 1 < argc) {
      language = argv[++i];
    } else if (std::strcmp(argv[i], "--kernels") == 0 && i + 1 < argc) {
      kernels = KernelsCalled(argv[++i]);
    } else if (std::strcmp(argv[i], "--rounds") == 0 && i + 1 < argc) {
      rounds = std::max(1, std::atoi(argv[++i]));
    } else if (std::strcmp(argv[i], "--show") == 0) {
      show = Show::kDifferences;
    } else {
      paths.emplace_back(argv[i]);
    }
  }
  if (kernels == nullptr) {
    fmt::print(stderr, "no such kernels, or not for this processor\n");
    return 1;
  }
  Bench bench(language, show, *kernels, rounds);
  Figures all;
  for (const std::string& path : paths) {
    const auto figures = bench.Measure(path);
    if (!figures.ok()) {
      fmt::print(stderr, "{}: {}\n", path, figures.error().message);
      return 2;
    }
    figures->Print(path.substr(path.rfind('/') + 1));
    all.Add(*figures);
  }
  all.Print("all");
  return 0;
}

}  // namespace
}  // namespace gnosis

// libtesseract reads OMP_THREAD_LIMIT before main() begins; its threads would only spin.
int main(int argc, char** argv) {
  if (std::getenv("OMP_THREAD_LIMIT") == nullptr) {
    ::setenv("OMP_THREAD_LIMIT", "1", 1);
    ::execv("/proc/self/exe", argv);
  }
  return gnosis::Main(argc, argv);
}
