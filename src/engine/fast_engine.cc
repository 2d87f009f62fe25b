// The fast engine: layout/ finds the lines, or Tesseract if that is not sure; lstm/ recognises them
// with Tesseract's models.
#include <fmt/format.h>

#include <algorithm>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "engine/layout_analysis.h"
#include "engine/layout_words.h"
#include "engine/ocr_engine.h"
#include "engine/tesseract_page.h"
#include "languages/languages.h"
#include "layout/find_layout.h"
#include "lstm/better_words.h"
#include "lstm/line_recogniser.h"

namespace gnosis {
namespace {

constexpr std::string_view kName = "fast 3";
constexpr double kReadWell = 75;   // mean confidence
constexpr size_t kWarmModels = 2;  // as in the fallback engine
constexpr size_t kKnownFolders = 1000;

GrayImage Cut(const Raster& page, const Box& box) {
  GrayImage image{box.right - box.left, box.bottom - box.top, {}};
  if (image.width <= 0 || image.height <= 0) return {};
  image.pixels.reserve(size_t(image.width) * size_t(image.height));
  for (int y = box.top; y < box.bottom; ++y) {
    const uint8_t* row = page.row(y);
    image.pixels.insert(image.pixels.end(), row + box.left, row + box.right);
  }
  return image;
}

GrayImage Turn(GrayImage image, int quarter_turns) {
  if (quarter_turns == 0 || image.pixels.empty()) return image;
  Raster turned =
      RotateClockwise({image.width, image.height, 0, PixelFormat::kGray8, std::move(image.pixels)},
                      90 * quarter_turns);
  return {turned.width, turned.height, std::move(turned.pixels)};
}

std::vector<GrayImage> CutLines(const Raster& page, const PageLayout& layout) {
  std::vector<GrayImage> lines;
  ForEachRegion(layout, [&](const TextRegion& region) {
    const Box box = TurnBack(region.crop, region.quarter_turns, layout);
    lines.push_back(Turn(Cut(page, box), region.quarter_turns));
  });
  return lines;
}

// A wrong layout leads to low confidence: then Tesseract's layout analysis is used after all.
bool IsReadWell(const PageText& text) {
  const auto confidence = MeanConfidence(text);
  return confidence && *confidence >= kReadWell;
}

// The words of each line: from the first model, and for uncertain lines also from the others.
std::vector<std::vector<LineWord>> ReadLines(const std::vector<LineRecogniser*>& recognisers,
                                             const std::vector<GrayImage>& lines) {
  std::vector<std::vector<LineWord>> words = recognisers.front()->Recognise(lines);
  for (size_t i = 1; i < recognisers.size(); ++i) {
    std::vector<size_t> unsure;
    std::vector<GrayImage> again;
    for (size_t line = 0; line < lines.size(); ++line) {
      if (IsReadSurely(words[line])) continue;
      unsure.push_back(line);
      again.push_back(lines[line]);
    }
    std::vector<std::vector<LineWord>> others = recognisers[i]->Recognise(again);
    for (size_t k = 0; k < unsure.size(); ++k) {
      std::vector<LineWord>& best = words[unsure[k]];
      best = BetterWords(std::move(best), std::move(others[k]));
    }
  }
  return words;
}

class FastEngine final : public OcrEngine {
 public:
  FastEngine(ModelFolders models, OcrEngine& fallback, const FastEngineOptions& options)
      : models_(std::move(models)),
        fallback_(fallback),
        layout_choice_(options.layout),
        kernels_(options.kernels.value_or(VectorKernels())) {}

  std::string Version(const std::vector<std::string>& languages) override {
    const auto recognisers = RecognisersFor(languages);
    const bool by_fallback = recognisers.ok() && recognisers->empty();
    return by_fallback ? fallback_.Version(languages) : std::string(kName);
  }

  Result<PageText> Recognise(const Raster& gray, const RecogniseRequest& request) override {
    RETURN_IF_ERROR(CheckImage(gray));
    ASSIGN_OR_RETURN(const auto recognisers, RecognisersFor(request.languages));
    if (recognisers.empty()) return fallback_.Recognise(gray, request);
    if (!IsLegible(gray)) return PageText{};
    if (layout_choice_ == FastEngineOptions::Layout::kOursWhereSure &&
        request.thresholding == Thresholding::kOtsu) {
      const auto layout =
          FindLayout(gray, request.ink ? *request.ink : FindPageInk(gray), request.extent);
      if (layout.ok()) {
        auto words = ReadLines(recognisers, CutLines(gray, *layout));
        ForgetSpecks(*layout, words);
        PageText text = PlaceWords(*layout, words);
        if (IsReadWell(text) || request.effort == Effort::kReduced) return text;
      }
      if (request.extent == Extent::kLittleRest) return PageText{};
    }
    const PageLayout layout = layout_->Find(gray, request.dpi, request.thresholding);
    return PlaceWords(layout, ReadLines(recognisers, CutLines(gray, layout)));
  }

  Result<std::optional<Orientation>> FindOrientation(const Raster& gray,
                                                     Thresholding thresholding) override {
    return fallback_.FindOrientation(gray, thresholding);
  }

 private:
  struct Model {
    std::filesystem::path path;
    std::unique_ptr<LineRecogniser> recogniser;  // null: the fallback handles this model
  };

  // In the order of `languages`. Empty if the fallback must be used: a model is not supported, or
  // there are no vector kernels, without which libtesseract is faster.
  Result<std::vector<LineRecogniser*>> RecognisersFor(const std::vector<std::string>& languages) {
    std::vector<LineRecogniser*> recognisers;
    if (kernels_ == nullptr) return recognisers;
    ASSIGN_OR_RETURN(const auto folder, FolderOf(languages));
    for (const std::string& language : languages) {
      const std::filesystem::path path = folder / (language + ".traineddata");
      if (!MakeFirst(path)) {
        while (warm_.size() >= std::max(kWarmModels, languages.size())) warm_.pop_back();
        warm_.push_front(Model{path, Load(path)});
      }
      recognisers.push_back(warm_.front().recogniser.get());
      if (recognisers.back() == nullptr) return std::vector<LineRecogniser*>{};
    }
    return recognisers;
  }

  // Looked up once per set of languages: a sealed child sees only the models that existed when its
  // template started, but it inherits what the template has looked up since.
  Result<std::filesystem::path> FolderOf(const std::vector<std::string>& languages) {
    const auto known = folders_.find(languages);
    if (known != folders_.end()) return known->second;
    ASSIGN_OR_RETURN(auto folder, FolderWithLanguages(models_, languages));
    if (folders_.size() >= kKnownFolders) folders_.clear();
    return folders_[languages] = std::move(folder);
  }

  // False if the model is not loaded.
  bool MakeFirst(const std::filesystem::path& path) {
    const auto model = std::find_if(warm_.begin(), warm_.end(),
                                    [&](const Model& each) { return each.path == path; });
    if (model == warm_.end()) return false;
    warm_.splice(warm_.begin(), warm_, model);
    return true;
  }

  // For a damaged model, too, the fallback reports the error.
  std::unique_ptr<LineRecogniser> Load(const std::filesystem::path& path) const {
    auto recogniser = LoadLineRecogniser(path, *kernels_);
    if (!recogniser.ok() || !(*recogniser)->settings().empty()) return nullptr;
    return *std::move(recogniser);
  }

  const ModelFolders models_;
  OcrEngine& fallback_;
  const FastEngineOptions::Layout layout_choice_;
  const Kernels* const kernels_;
  std::list<Model> warm_;
  std::map<std::vector<std::string>, std::filesystem::path> folders_;
  const std::unique_ptr<LayoutAnalysis> layout_ = NewLayoutAnalysis();
};

}  // namespace

std::unique_ptr<OcrEngine> NewFastEngine(ModelFolders models, OcrEngine& fallback,
                                         const FastEngineOptions& options) {
  return std::make_unique<FastEngine>(std::move(models), fallback, options);
}

}  // namespace gnosis
