#include "engine/layout_analysis.h"

#include <tesseract/baseapi.h>

#include <utility>

#include "engine/tesseract_page.h"

namespace gnosis {
namespace {

using Iterator = std::unique_ptr<tesseract::PageIterator>;

// A second call of AnalyseLayout reuses the analysis but would leak the page_res_ of the first.
class TwiceAskedApi final : public tesseract::TessBaseAPI {
 public:
  PageLayout Analyse(int width, int height) {
    const Iterator words(AnalyseLayout(/*merge_similar_words=*/false));
    auto* const first = std::exchange(page_res_, nullptr);
    const Iterator regions(AnalyseLayout(/*merge_similar_words=*/true));
    PageLayout layout = CollectLayout(words.get(), regions.get(), width, height);
    Clear();
    page_res_ = first;
    Clear();
    return layout;
  }
};

class TesseractLayoutAnalysis final : public LayoutAnalysis {
 public:
  TesseractLayoutAnalysis() {
    api_.InitForAnalysePage();
    api_.SetVariable("debug_file", "/dev/null");
    api_.SetPageSegMode(tesseract::PSM_AUTO);
  }

  PageLayout Find(const Raster& gray, int dpi, Thresholding thresholding) override {
    SetTesseractImage(api_, gray, dpi, thresholding);
    // Detecting fixed pitch takes a seventh of the time, and only helps to separate words, which
    // the recogniser does anyway. The variable is global, and the engine that uses libtesseract
    // needs the default.
    api_.SetVariable("textord_all_prop", "1");
    PageLayout layout = api_.Analyse(gray.width, gray.height);
    api_.SetVariable("textord_all_prop", "0");
    return layout;
  }

 private:
  TwiceAskedApi api_;
};

}  // namespace

std::unique_ptr<LayoutAnalysis> NewLayoutAnalysis() {
  return std::make_unique<TesseractLayoutAnalysis>();
}

}  // namespace gnosis
