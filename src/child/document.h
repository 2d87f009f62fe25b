// A document opened in the child: renders pages and, for a PDF, extracts its own words. Only the
// child program links this.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/file.h"
#include "base/result.h"
#include "page/page_request.h"
#include "page/page_text.h"
#include "page/raster.h"

namespace gnosis {

struct RenderLimits {
  int64_t max_page_pixels = 100'000'000;
  int max_side_pixels = 30'000;
  int max_pages = 5000;
};

// The words embedded in a PDF page, and the data needed to decide whether they can replace
// recognition (the rule is in docs/text-layer.md).
struct TextLayer {
  PageText words;              // boxes in pixels of a render at the requested dpi
  int characters = 0;          // not counting white space
  int broken_characters = 0;   // U+FFFD, controls, private use: a font without a usable encoding
  double image_coverage = 0;   // share of the page that images cover, 0 to 1
  double invisible_share = 0;  // share of characters drawn invisibly (an earlier OCR's layer)
};

struct RenderedPage {
  Raster raster;
  // For an image that was decoded only in part: what is missing, for people; that part of the
  // raster is white. "the PNG image is damaged: it breaks off after 312 of 1000 rows". Usually
  // empty.
  std::string damage;
};

class Document {
 public:
  virtual ~Document() = default;
  virtual const DocumentInfo& info() const = 0;
  // Page `page` (from 1), turned upright according to the document (/Rotate, EXIF), cropped to
  // CropBox, with UserUnit applied; RGB or grey. PDFs at `dpi`, images at their own resolution (if
  // unknown, 0 in the raster). The resolution is lower if the limits require it: see Raster::dpi.
  // kDamaged: cannot be rendered, or the result is 1x1 pixel. kTooLarge: even at a lower
  // resolution.
  virtual Result<RenderedPage> Render(int page, int dpi) = 0;
  // Empty for images. Boxes are in pixels of `raster`, of which only size and dpi are used.
  virtual Result<TextLayer> ReadTextLayer(int page, const Raster& raster) = 0;
};

// Detects the type by content. The descriptor is mapped or read; it may be closed afterwards.
Result<std::unique_ptr<Document>> OpenDocument(const FileDescriptor& file,
                                               const std::string& password,
                                               const RenderLimits& limits);
// For the two kinds of documents. `bytes` must outlive the document.
Result<std::unique_ptr<Document>> OpenPdf(std::string_view bytes, const std::string& password,
                                          const RenderLimits& limits);
Result<std::unique_ptr<Document>> OpenImage(std::string_view bytes, const std::string& media_type,
                                            const RenderLimits& limits);

// Lossless, at a fast level; 1 bit per pixel if all pixels are 0 or 255.
Result<std::string> EncodePng(const Raster& gray);
Result<std::string> EncodeJpeg(const Raster& image, int quality);

}  // namespace gnosis
