// A sheet that poppler draws on: white paper, RGB, anti-aliased. Counts on a grid how much of the
// page images cover. Only child_pdf.cc includes this.
#pragma once

#include <SplashOutputDev.h>

#include <bitset>

#include "base/result.h"
#include "page/raster.h"

namespace gnosis {

class PdfCanvas : public SplashOutputDev {
 public:
  PdfCanvas();

  // Starts anew, for a page of this many pixels.
  void CountImages(int width, int height);
  double image_coverage() const { return double(covered_.count()) / double(covered_.size()); }
  // What was drawn, without a resolution. kTooLarge when there was no memory for it.
  Result<Raster> TakeRaster();

  void drawImageMask(GfxState* state, Object* ref, Stream* stream, int width, int height,
                     bool invert, bool interpolate, bool inline_image) override;
  void drawImage(GfxState* state, Object* ref, Stream* stream, int width, int height,
                 GfxImageColorMap* colours, bool interpolate, const int* mask_colours,
                 bool inline_image) override;
  void drawMaskedImage(GfxState* state, Object* ref, Stream* stream, int width, int height,
                       GfxImageColorMap* colours, bool interpolate, Stream* mask, int mask_width,
                       int mask_height, bool mask_invert, bool mask_interpolate) override;
  void drawSoftMaskedImage(GfxState* state, Object* ref, Stream* stream, int width, int height,
                           GfxImageColorMap* colours, bool interpolate, Stream* mask,
                           int mask_width, int mask_height, GfxImageColorMap* mask_colours,
                           bool mask_interpolate) override;
  // Glyphs and patterns may be made of images, and do not count.
  bool beginType3Char(GfxState* state, double x, double y, double dx, double dy, CharCode code,
                      const Unicode* u, int length) override;
  void endType3Char(GfxState* state) override;
  bool tilingPatternFill(GfxState* state, Gfx* gfx, Catalog* catalog, GfxTilingPattern* pattern,
                         const double* matrix, int x0, int y0, int x1, int y1, double x_step,
                         double y_step) override;

 private:
  static constexpr int kGrid = 64;  // cells across and down

  void CoverUnitSquare(GfxState* state);

  std::bitset<kGrid * kGrid> covered_;
  double cell_width_ = 1;  // pixels
  double cell_height_ = 1;
  int ornament_depth_ = 0;
};

}  // namespace gnosis
