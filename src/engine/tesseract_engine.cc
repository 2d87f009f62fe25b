#include <fmt/format.h>
#include <leptonica/allheaders.h>
#include <tesseract/baseapi.h>
#include <tesseract/osdetect.h>

#include <cmath>
#include <list>
#include <memory>
#include <string>
#include <utility>

#include "engine/ocr_engine.h"
#include "engine/tesseract_page.h"
#include "engine/tesseract_text.h"
#include "languages/languages.h"

namespace gnosis {
namespace {

using tesseract::TessBaseAPI;

// Two, so that a redo in another language does not evict the models of a job running alongside.
constexpr size_t kWarmModels = 2;

std::unique_ptr<TessBaseAPI> LoadModels(const std::filesystem::path& folder,
                                        const std::string& languages,
                                        tesseract::OcrEngineMode mode) {
  auto api = std::make_unique<TessBaseAPI>();
  const std::vector<std::string> names = {"debug_file"};
  const std::vector<std::string> values = {"/dev/null"};
  const int failed = api->Init(folder.c_str(), languages.c_str(), mode, nullptr, 0, &names, &values,
                               /*set_only_non_debug_params=*/false);
  if (failed != 0) return nullptr;
  return api;
}

class TesseractEngine final : public OcrEngine {
 public:
  explicit TesseractEngine(ModelFolders models) : models_(std::move(models)) {}

  std::string Version(const std::vector<std::string>&) override {
    return fmt::format("tesseract {}", TessBaseAPI::Version());
  }

  Result<PageText> Recognise(const Raster& gray, const RecogniseRequest& request) override {
    RETURN_IF_ERROR(CheckImage(gray));
    ASSIGN_OR_RETURN(TessBaseAPI * api, ModelsFor(request.languages));
    if (!IsLegible(gray)) return PageText{};
    api->SetPageSegMode(tesseract::PSM_AUTO);
    SetTesseractImage(*api, gray, request.dpi, request.thresholding);
    auto text = ReadWords(*api);
    api->Clear();
    return text;
  }

  Result<std::optional<Orientation>> FindOrientation(const Raster& gray,
                                                     Thresholding thresholding) override {
    RETURN_IF_ERROR(CheckImage(gray));
    TessBaseAPI* api = OrientationModel();
    if (api == nullptr || !IsLegible(gray)) return std::optional<Orientation>();
    SetTesseractImage(*api, gray, gray.dpi, thresholding);
    const auto orientation = ReadOrientation(*api);
    api->Clear();
    return orientation;
  }

 private:
  struct Models {
    std::string languages;
    std::unique_ptr<TessBaseAPI> api;
  };

  // The most recently used first.
  Result<TessBaseAPI*> ModelsFor(const std::vector<std::string>& languages) {
    const std::string joined = JoinLanguages(languages);
    for (auto models = warm_.begin(); models != warm_.end(); ++models) {
      if (models->languages != joined) continue;
      warm_.splice(warm_.begin(), warm_, models);
      return warm_.front().api.get();
    }
    RETURN_IF_ERROR(Load(languages, joined));
    return warm_.front().api.get();
  }

  Status Load(const std::vector<std::string>& languages, const std::string& joined) {
    const auto folder = FolderWithLanguages(models_, languages);
    if (!folder.ok()) return folder.error();
    auto api = LoadModels(*folder, joined, tesseract::OEM_LSTM_ONLY);
    if (api == nullptr) {
      return Error{ErrorCode::kMissingLanguage, fmt::format("cannot load the model for {}", joined),
                   "reinstall it: it is damaged, or has no LSTM model"};
    }
    if (warm_.size() == kWarmModels) warm_.pop_back();
    warm_.push_front(Models{joined, std::move(api)});
    return Ok();
  }

  // Null if osd.traineddata is not installed; tried only once.
  TessBaseAPI* OrientationModel() {
    if (!orientation_tried_) {
      orientation_tried_ = true;
      const auto folder = FolderWithLanguages(models_, {"osd"});
      if (folder.ok()) orientation_ = LoadModels(*folder, "osd", tesseract::OEM_TESSERACT_ONLY);
      if (orientation_ != nullptr) orientation_->SetPageSegMode(tesseract::PSM_OSD_ONLY);
    }
    return orientation_.get();
  }

  static Result<PageText> ReadWords(TessBaseAPI& api) {
    // Fails only on images that Tesseract considers too large or too small; its program then prints
    // no text either.
    if (api.Recognize(nullptr) != 0) return PageText{};
    const std::unique_ptr<tesseract::ResultIterator> iterator(api.GetIterator());
    return CollectPageText(iterator.get());
  }

  static std::optional<Orientation> ReadOrientation(TessBaseAPI& api) {
    int degrees = 0;
    float confidence = 0;
    if (!api.DetectOrientationScript(&degrees, &confidence, nullptr, nullptr)) return {};
    if (!std::isfinite(confidence)) return {};
    // Tesseract returns the orientation of the page counterclockwise.
    return Orientation{(360 - degrees) % 360, confidence};
  }

  const ModelFolders models_;
  std::list<Models> warm_;
  std::unique_ptr<TessBaseAPI> orientation_;
  bool orientation_tried_ = false;
};

}  // namespace

std::unique_ptr<OcrEngine> NewTesseractEngine(ModelFolders models) {
  // Leptonica writes to standard error, which is the log; its errors are returned as results
  // anyway.
  setMsgSeverity(L_SEVERITY_NONE);
  return std::make_unique<TesseractEngine>(std::move(models));
}

}  // namespace gnosis
