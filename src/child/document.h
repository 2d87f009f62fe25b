// An opened document in the child: pages become rasters and, for a PDF, its own words.
// Only the child program links this.
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

// The words that a PDF page carries itself, and what is needed to decide whether they stand for the
// page (docs/text-layer.md has the rule).
struct TextLayer {
  PageText words;              // boxes in pixels of a render at the asked-for dpi
  int characters = 0;          // other than white space
  int broken_characters = 0;   // U+FFFD, controls, private use: a font without a usable encoding
  double image_coverage = 0;   // share of the page that images cover, 0 to 1
  double invisible_share = 0;  // share of characters drawn invisibly (an earlier OCR's layer)
};

struct RenderedPage {
  Raster raster;
  // Of an image that was decoded in part: what is missing, for people; there the raster is white.
  // "the PNG image is damaged: it breaks off after 312 of 1000 rows". Mostly empty.
  std::string damage;
};

class Document {
 public:
  virtual ~Document() = default;
  virtual const DocumentInfo& info() const = 0;
  // Page `page` (from 1) upright by the document's own word (/Rotate, EXIF), by CropBox with
  // UserUnit honoured; RGB or grey. PDFs at `dpi`, images at their own resolution (`dpi` unknown =
  // 0 in the raster). At a lower resolution when the limits demand it: Raster::dpi says which.
  // kDamaged: cannot be rendered, or comes out as 1x1 pixel. kTooLarge: even so.
  virtual Result<RenderedPage> Render(int page, int dpi) = 0;
  // Empty for images. Boxes are in pixels of `raster`, of which only size and dpi are looked at.
  virtual Result<TextLayer> ReadTextLayer(int page, const Raster& raster) = 0;
};

// Decides by content. The descriptor is mapped or read; it may be closed afterwards.
Result<std::unique_ptr<Document>> OpenDocument(const FileDescriptor& file,
                                               const std::string& password,
                                               const RenderLimits& limits);
// The two kinds. `bytes` must outlive the document.
Result<std::unique_ptr<Document>> OpenPdf(std::string_view bytes, const std::string& password,
                                          const RenderLimits& limits);
Result<std::unique_ptr<Document>> OpenImage(std::string_view bytes, const std::string& media_type,
                                            const RenderLimits& limits);

// Lossless, fast level; written with 1 bit per pixel when all pixels are 0 or 255.
Result<std::string> EncodePng(const Raster& gray);
Result<std::string> EncodeJpeg(const Raster& image, int quality);

}  // namespace gnosis
