// The interface to recognition: a grey image in, words out. Used in the child process.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "languages/languages.h"
#include "layout/find_layout.h"
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
  // Of the image, if it is known already: otherwise an engine that needs it finds it.
  const PageInk* ink = nullptr;
  Extent extent = Extent::kPage;
  Effort effort = Effort::kFull;  // reduced: no second attempt after a poor result
};

// How a page is oriented: turning it `degrees` clockwise makes it upright.
struct Orientation {
  int degrees = 0;
  double confidence = 0;  // Tesseract's orientation confidence: from 0; 15 is certain
};

class OcrEngine {
 public:
  virtual ~OcrEngine() = default;
  // Of the engine used for these languages: "tesseract 5.3.0".
  virtual std::string Version(const std::vector<std::string>& languages) = 0;
  // Loads the models once per set of languages and keeps them warm. kMissingLanguage.
  virtual Result<PageText> Recognise(const Raster& gray, const RecogniseRequest& request) = 0;
  // Nothing if there is too little text, or osd.traineddata is not installed.
  virtual Result<std::optional<Orientation>> FindOrientation(const Raster& gray,
                                                             Thresholding thresholding) = 0;
};

std::unique_ptr<OcrEngine> NewTesseractEngine(ModelFolders models);
// Uses Tesseract's models, several times as fast. What it does not support (other kinds of models;
// any page on a processor without AVX2) goes to `fallback`, which must outlive it.
struct FastEngineOptions {
  enum class Layout { kOursWhereSure, kTesseract } layout = Layout::kOursWhereSure;
  // lstm/kernels.h. Nothing: VectorKernels(); null: as on a processor without vector kernels.
  std::optional<const Kernels*> kernels;
};
std::unique_ptr<OcrEngine> NewFastEngine(ModelFolders models, OcrEngine& fallback,
                                         const FastEngineOptions& options = {});

}  // namespace gnosis
