// The seam to recognition: a grey image in, words out. Lives in the child.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "languages/languages.h"
#include "page/page_request.h"
#include "page/page_text.h"
#include "page/raster.h"

namespace gnosis {

struct Kernels;

enum class Thresholding { kOtsu, kSauvola };

struct RecogniseRequest {
  std::vector<std::string> languages = {"eng"};
  int dpi = 300;
  Thresholding thresholding = Thresholding::kOtsu;
  Effort effort = Effort::kFull;  // reduced: a poor reading is not tried again
};

// How a page lies: turning it `degrees` clockwise makes it upright.
struct Orientation {
  int degrees = 0;
  double confidence = 0;  // Tesseract's orientation confidence: 0 upwards, 15 is certain
};

class OcrEngine {
 public:
  virtual ~OcrEngine() = default;
  // "tesseract 5.3.0": of what reads pages in these languages.
  virtual std::string Version(const std::vector<std::string>& languages) = 0;
  // Loads the models once per set of languages and keeps them warm. kMissingLanguage.
  virtual Result<PageText> Recognise(const Raster& gray, const RecogniseRequest& request) = 0;
  // Nothing when there is too little text to tell, or osd.traineddata is not installed.
  virtual Result<std::optional<Orientation>> FindOrientation(const Raster& gray,
                                                             Thresholding thresholding) = 0;
};

std::unique_ptr<OcrEngine> NewTesseractEngine(ModelFolders models);
// Reads with Tesseract's models, several times as fast. What it cannot read (with models of
// another kind, anything on a processor without AVX2) `fallback` reads for it, which must outlive
// it.
struct FastEngineOptions {
  enum class Layout { kOursWhereSure, kTesseract } layout = Layout::kOursWhereSure;
  // lstm/kernels.h. Nothing: VectorKernels(); null: as on a processor without any.
  std::optional<const Kernels*> kernels;
};
std::unique_ptr<OcrEngine> NewFastEngine(ModelFolders models, OcrEngine& fallback,
                                         const FastEngineOptions& options = {});

}  // namespace gnosis
