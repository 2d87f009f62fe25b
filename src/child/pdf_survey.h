// Examines a PDF page without drawing it: how much of it images cover, and whether it is a plain
// scan (one upright image over the whole page, and nothing else visible), whose original pixels can
// be used. Only pdf.cc includes this.
#pragma once

#include <OutputDev.h>

#include <bitset>
#include <optional>

#include "child/document.h"

namespace gnosis {

// The single image of a plain scan. Edges are fractions of the page as displayed, from its top left
// corner.
struct ScanImage {
  int width = 0;  // pixels
  int height = 0;
  double left = 0;
  double top = 0;
  double right = 1;
  double bottom = 1;
};

// Display a page to it at any resolution, then query the result.
class PdfSurvey : public OutputDev {
 public:
  // For a page of this many device pixels.
  PdfSurvey(double page_width, double page_height);

  double image_coverage() const { return double(covered_.count()) / double(covered_.size()); }
  std::optional<ScanImage> scan() const;

  bool upsideDown() override { return true; }
  bool useDrawChar() override { return true; }
  // Glyphs and patterns may contain images; those do not count.
  bool interpretType3Chars() override { return false; }
  bool useTilingPatternFill() override { return true; }
  bool useShadedFills(int) override { return true; }

  void drawImage(GfxState* state, Object* ref, Stream* stream, int width, int height,
                 GfxImageColorMap* colours, bool interpolate, const int* mask_colours,
                 bool inline_image) override;
  void drawImageMask(GfxState* state, Object* ref, Stream* stream, int width, int height,
                     bool invert, bool interpolate, bool inline_image) override;
  void drawMaskedImage(GfxState* state, Object* ref, Stream* stream, int width, int height,
                       GfxImageColorMap* colours, bool interpolate, Stream* mask, int mask_width,
                       int mask_height, bool mask_invert, bool mask_interpolate) override;
  void drawSoftMaskedImage(GfxState* state, Object* ref, Stream* stream, int width, int height,
                           GfxImageColorMap* colours, bool interpolate, Stream* mask,
                           int mask_width, int mask_height, GfxImageColorMap* mask_colours,
                           bool mask_interpolate) override;

  void drawChar(GfxState* state, double x, double y, double dx, double dy, double origin_x,
                double origin_y, CharCode code, int bytes, const Unicode* text,
                int length) override;
  void stroke(GfxState*) override { other_marks_ = true; }
  void fill(GfxState*) override { other_marks_ = true; }
  void eoFill(GfxState*) override { other_marks_ = true; }
  bool tilingPatternFill(GfxState*, Gfx*, Catalog*, GfxTilingPattern*, const double*, int, int, int,
                         int, double, double) override {
    return Mark();
  }
  bool functionShadedFill(GfxState*, GfxFunctionShading*) override { return Mark(); }
  bool axialShadedFill(GfxState*, GfxAxialShading*, double, double) override { return Mark(); }
  bool radialShadedFill(GfxState*, GfxRadialShading*, double, double) override { return Mark(); }
  bool gouraudTriangleShadedFill(GfxState*, GfxGouraudTriangleShading*) override { return Mark(); }
  bool patchMeshShadedFill(GfxState*, GfxPatchMeshShading*) override { return Mark(); }
  void setSoftMask(GfxState*, const double*, bool, Function*, GfxColor*) override { Mark(); }
  void clip(GfxState* state) override;
  void eoClip(GfxState* state) override { clip(state); }
  void clipToStrokePath(GfxState*) override { Mark(); }

 private:
  static constexpr int kGrid = 64;  // cells in each direction

  // Poppler interprets "true" as "done".
  bool Mark() { return other_marks_ = true; }
  void CoverUnitSquare(GfxState* state);
  void CountImage(GfxState* state, int width, int height);

  const double page_width_;
  const double page_height_;
  std::bitset<kGrid * kGrid> covered_;
  int images_ = 0;
  bool other_marks_ = false;  // or anything that could change the appearance of the image
  ScanImage last_image_;
};

// Display a page to it that the survey considers a scan.
class PdfScanReader : public OutputDev {
 public:
  explicit PdfScanReader(const RenderLimits& limits) : limits_(limits) {}
  // The image's original pixels, RGB or grey, without a resolution; nothing if it has none.
  std::optional<RenderedPage> TakePage();

  bool upsideDown() override { return true; }
  bool useDrawChar() override { return true; }
  bool interpretType3Chars() override { return false; }
  void drawImage(GfxState* state, Object* ref, Stream* stream, int width, int height,
                 GfxImageColorMap* colours, bool interpolate, const int* mask_colours,
                 bool inline_image) override;

 private:
  const RenderLimits limits_;
  std::optional<RenderedPage> page_;
};

}  // namespace gnosis
