// Images as documents: a file with one image, or a TIFF with many.
#include <functional>
#include <new>

#include "child/codecs.h"

namespace gnosis {
namespace {

using DecodePage = std::function<Result<Stored>(int page)>;

class ImageDocument : public Document {
 public:
  ImageDocument(DocumentInfo info, DecodePage decode)
      : info_(std::move(info)), decode_(std::move(decode)) {}

  const DocumentInfo& info() const override { return info_; }

  Result<RenderedPage> Render(int page, int /*dpi*/) override {
    if (page < 1 || page > info_.page_count) return NoSuchPage(page, info_.page_count);
    try {
      return DecodeUpright(page);
    } catch (const std::bad_alloc&) {
      return Error{ErrorCode::kTooLarge,
                   "the image needs more memory than a page may use (PAGE_MEMORY)",
                   "Scale the image down and send it again."};
    }
  }

  Result<TextLayer> ReadTextLayer(int /*page*/, const Raster& /*raster*/) override {
    return TextLayer{};
  }

 private:
  Result<RenderedPage> DecodeUpright(int page) {
    ASSIGN_OR_RETURN(Stored stored, decode_(page));
    if (stored.raster.width == 1 && stored.raster.height == 1) {
      return Error{ErrorCode::kDamaged, "the image is a single pixel", ""};
    }
    stored.raster = GrayIfColourless(std::move(stored.raster));
    if (stored.orientation != 1) stored.raster = TurnUpright(stored);
    return RenderedPage{std::move(stored.raster), std::move(stored.damage)};
  }

  DocumentInfo info_;
  DecodePage decode_;
};

template <auto kCheck, auto kDecode>
Result<std::unique_ptr<Document>> OpenSingle(std::string_view bytes, const std::string& media_type,
                                             const RenderLimits& limits) {
  RETURN_IF_ERROR(kCheck(bytes, limits));
  return {std::make_unique<ImageDocument>(
      DocumentInfo{media_type, 1},
      [bytes, limits](int) -> Result<Stored> { return kDecode(bytes, limits); })};
}

Result<std::unique_ptr<Document>> OpenTiff(std::string_view bytes, const std::string& media_type,
                                           const RenderLimits& limits) {
  ASSIGN_OR_RETURN(std::vector<uint64_t> pages, FindTiffPages(bytes, limits));
  const int page_count = int(pages.size());
  return {std::make_unique<ImageDocument>(
      DocumentInfo{media_type, page_count},
      [bytes, limits, pages = std::move(pages)](int page) -> Result<Stored> {
        return DecodeTiff(bytes, pages[size_t(page) - 1], limits);
      })};
}

// All media types except PDF.
struct Codec {
  std::string_view media_type;
  Result<std::unique_ptr<Document>> (*open)(std::string_view bytes, const std::string& media_type,
                                            const RenderLimits& limits);
};
constexpr Codec kCodecs[] = {
    {"image/png", &OpenSingle<&CheckPng, &DecodePng>},
    {"image/jpeg", &OpenSingle<&CheckJpeg, &DecodeJpeg>},
    {"image/tiff", &OpenTiff},
    {"image/webp", &OpenSingle<&CheckWebp, &DecodeWebp>},
};

}  // namespace

Result<std::unique_ptr<Document>> OpenImage(std::string_view bytes, const std::string& media_type,
                                            const RenderLimits& limits) {
  for (const Codec& codec : kCodecs) {
    if (codec.media_type == media_type) return codec.open(bytes, media_type, limits);
  }
  return Error{ErrorCode::kUnsupportedMediaType, "no decoder for " + media_type, ""};
}

}  // namespace gnosis
