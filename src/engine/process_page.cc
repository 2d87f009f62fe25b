#include "engine/process_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "engine/recognise_image.h"
#include "languages/languages.h"
#include "page/media_types.h"

namespace gnosis {
namespace {

// Enough to judge a text layer; recognition uses the requested resolution.
constexpr int kTextLayerDpi = 150;
// Half of the default: a quarter of the pixels, still enough for 9-point letters.
constexpr int kReducedDpi = 150;
// For an image without a resolution: a legal page at kReducedDpi.
constexpr int kReducedLongerSide = 14 * kReducedDpi;
constexpr int kVerdictSide = 30'000;  // pixels; larger than any page, so that nothing is clipped
constexpr int kPreviewLongerSide = 1400;
constexpr int kPreviewQuality = 80;

void DescribeImage(const Raster& image, PageResult& result) {
  result.width = image.width;
  result.height = image.height;
  result.dpi = image.dpi;
}

void TakeWords(PageText words, PageResult& result) {
  result.words = std::move(words);
  result.text = PlainText(result.words);
  result.confidence = MeanConfidence(result.words);
}

Result<std::string> Preview(const Raster& rendered, int angle) {
  const Raster small = ShrinkTo(rendered, kPreviewLongerSide);
  return EncodeJpeg(angle == 0 ? small : RotateClockwise(small, angle), kPreviewQuality);
}

std::string WithDamage(std::string reason, const RenderedPage& page) {
  return page.damage.empty() ? reason : fmt::format("{}; {}", reason, page.damage);
}

// The page as it is in the document, with its existing words.
Result<PageArtefacts> KeepTextLayer(const RenderedPage& page_image, PageText words,
                                    std::string reason) {
  const Raster& rendered = page_image.raster;
  const Raster gray = ToGray(rendered);
  PageArtefacts page;
  page.result.source = WordCount(words) == 0 ? "none" : "text_layer";
  page.result.source_reason = WithDamage(std::move(reason), page_image);
  TakeWords(std::move(words), page.result);
  DescribeImage(gray, page.result);
  ASSIGN_OR_RETURN(page.image_png, EncodePng(gray));
  ASSIGN_OR_RETURN(page.preview_jpeg, Preview(rendered, 0));
  return page;
}

std::string ThresholdingName(const std::optional<Thresholding>& thresholding) {
  if (!thresholding) return "";
  return *thresholding == Thresholding::kSauvola ? "sauvola" : "otsu";
}

// The intact part of a damaged image is recognised like any other. If no text is found in it, the
// page counts as damaged, not as empty.
Result<PageArtefacts> Recognise(const RenderedPage& page_image, OcrEngine& engine,
                                const PageRequest& request, std::string reason) {
  const Raster& rendered = page_image.raster;
  ASSIGN_OR_RETURN(
      RecognisedImage reading,
      RecogniseImage(ToGray(rendered), engine,
                     {request.options.languages, request.options.rotate, request.effort}));
  if (!page_image.damage.empty() && WordCount(reading.words) == 0) {
    return Error{ErrorCode::kDamaged,
                 fmt::format("{}; no text was found in the rest", page_image.damage),
                 "Send the document again; if the original is damaged, too, scan the page again."};
  }
  PageArtefacts page;
  page.result.source = engine.Version(request.options.languages);
  page.result.source_reason = WithDamage(std::move(reason), page_image);
  if (!reading.thresholding) page.result.source_reason += "; the page is blank";
  if (request.effort == Effort::kReduced) page.result.source_reason += "; read at reduced effort";
  page.result.language = JoinLanguages(request.options.languages);
  page.result.thresholding = ThresholdingName(reading.thresholding);
  page.result.angle = reading.angle;
  TakeWords(std::move(reading.words), page.result);
  DescribeImage(reading.image, page.result);
  ASSIGN_OR_RETURN(page.image_png, EncodePng(reading.image));
  ASSIGN_OR_RETURN(page.preview_jpeg, Preview(rendered, reading.angle));
  return page;
}

int ReducedSide(const Raster& image) {
  if (image.dpi == 0) return kReducedLongerSide;
  const int64_t longer_side = std::max(image.width, image.height);
  return std::max(1, int(longer_side * kReducedDpi / std::max(image.dpi, kReducedDpi)));
}

Result<PageArtefacts> RenderAndRecognise(Document& document, OcrEngine& engine,
                                         const PageRequest& request, std::string reason) {
  const bool reduced = request.effort == Effort::kReduced;
  const int dpi = reduced ? std::min(request.options.dpi, kReducedDpi) : request.options.dpi;
  ASSIGN_OR_RETURN(RenderedPage rendered, document.Render(request.page, dpi));
  // An image has its own resolution, whatever was requested.
  if (reduced) rendered.raster = ShrinkTo(rendered.raster, ReducedSide(rendered.raster));
  return Recognise(rendered, engine, request, std::move(reason));
}

Result<PageArtefacts> TextLayerOnly(Document& document, const PageRequest& request) {
  ASSIGN_OR_RETURN(const RenderedPage rendered,
                   document.Render(request.page, std::min(request.options.dpi, kTextLayerDpi)));
  ASSIGN_OR_RETURN(TextLayer layer, document.ReadTextLayer(request.page, rendered.raster));
  const bool empty = WordCount(layer.words) == 0;
  return KeepTextLayer(rendered, std::move(layer.words), empty ? "no text layer" : "asked for");
}

Result<PageArtefacts> TextLayerOrRecognise(Document& document, OcrEngine& engine,
                                           const PageRequest& request) {
  if (document.info().media_type != kPdf) {
    return RenderAndRecognise(document, engine, request, "no text layer");
  }
  // A request to rotate the page means that the document has it in the wrong orientation.
  if (request.options.rotate.value_or(0) != 0) {
    return RenderAndRecognise(document, engine, request, "asked to be turned");
  }
  // The verdict needs no pixels: most pages without a text layer are scans, and rendering a scan
  // just to look for words would be expensive.
  const Raster no_pixels{.width = kVerdictSide, .height = kVerdictSide, .dpi = kTextLayerDpi};
  const auto layer = document.ReadTextLayer(request.page, no_pixels);
  if (!layer.ok()) {
    return RenderAndRecognise(document, engine, request,
                              fmt::format("text layer unreadable: {}", layer.error().message));
  }
  TextLayerVerdict verdict = JudgeTextLayer(*layer);
  if (!verdict.covers_page) {
    return RenderAndRecognise(document, engine, request, std::move(verdict.reason));
  }
  ASSIGN_OR_RETURN(const RenderedPage small,
                   document.Render(request.page, std::min(request.options.dpi, kTextLayerDpi)));
  ASSIGN_OR_RETURN(TextLayer placed, document.ReadTextLayer(request.page, small.raster));
  return KeepTextLayer(small, std::move(placed.words), std::move(verdict.reason));
}

Result<PageArtefacts> ReadFrom(TextMode source, Document& document, OcrEngine& engine,
                               const PageRequest& request) {
  switch (source) {
    case TextMode::kForce:
      return RenderAndRecognise(document, engine, request, "asked for");
    case TextMode::kSkip:
      return TextLayerOnly(document, request);
    case TextMode::kAuto:
      break;
  }
  return TextLayerOrRecognise(document, engine, request);
}

}  // namespace

Result<PageArtefacts> ProcessPage(Document& document, OcrEngine& engine,
                                  const PageRequest& request) {
  const auto started = std::chrono::steady_clock::now();
  ASSIGN_OR_RETURN(PageArtefacts page, ReadFrom(request.options.mode, document, engine, request));
  page.result.page = request.page;
  page.result.completed = true;
  page.result.duration_ms = std::chrono::duration_cast<std::chrono::milliseconds>(
                                std::chrono::steady_clock::now() - started)
                                .count();
  return page;
}

}  // namespace gnosis
