#include "page/child_pdf_canvas.h"

#include <GfxState.h>
#include <splash/SplashBitmap.h>

#include <array>
#include <cmath>
#include <memory>

namespace gnosis {
namespace {

using Colour = std::array<unsigned char, splashMaxColorComps>;

}  // namespace

PdfCanvas::PdfCanvas() : SplashOutputDev(splashModeRGB8, 1, false, Colour{255, 255, 255}.data()) {
  setFontAntialias(true);
  setVectorAntialias(true);
}

void PdfCanvas::CountImages(int width, int height) {
  covered_.reset();
  cell_width_ = double(width) / kGrid;
  cell_height_ = double(height) / kGrid;
  ornament_depth_ = 0;
}

Result<Raster> PdfCanvas::TakeRaster() {
  const std::unique_ptr<SplashBitmap> bitmap(takeBitmap());
  if (bitmap == nullptr || bitmap->getDataPtr() == nullptr) {
    return Error{ErrorCode::kTooLarge, "there is no memory for a page of this size", ""};
  }
  Raster raster{bitmap->getWidth(), bitmap->getHeight(), 0, PixelFormat::kRgb8, {}};
  const SplashColorConstPtr pixels = bitmap->getDataPtr();
  raster.pixels.assign(pixels, pixels + size_t(raster.width) * raster.height * 3);
  return raster;
}

// An image fills the unit square, wherever the matrix puts it; cells count by their centre.
void PdfCanvas::CoverUnitSquare(GfxState* state) {
  if (ornament_depth_ > 0) return;
  const double* m = state->getCTM();
  const double determinant = m[0] * m[3] - m[1] * m[2];
  if (!std::isnormal(determinant)) return;
  double left, top, right, bottom;
  state->getClipBBox(&left, &top, &right, &bottom);
  for (int row = 0; row < kGrid; ++row) {
    const double y = (row + 0.5) * cell_height_;
    if (y < top || y > bottom) continue;
    for (int column = 0; column < kGrid; ++column) {
      const double x = (column + 0.5) * cell_width_;
      if (x < left || x > right) continue;
      const double u = ((x - m[4]) * m[3] - (y - m[5]) * m[2]) / determinant;
      const double v = ((y - m[5]) * m[0] - (x - m[4]) * m[1]) / determinant;
      if (u >= 0 && u <= 1 && v >= 0 && v <= 1) covered_.set(size_t(row) * kGrid + column);
    }
  }
}

void PdfCanvas::drawImageMask(GfxState* state, Object* ref, Stream* stream, int width, int height,
                              bool invert, bool interpolate, bool inline_image) {
  CoverUnitSquare(state);
  SplashOutputDev::drawImageMask(state, ref, stream, width, height, invert, interpolate,
                                 inline_image);
}

void PdfCanvas::drawImage(GfxState* state, Object* ref, Stream* stream, int width, int height,
                          GfxImageColorMap* colours, bool interpolate, const int* mask_colours,
                          bool inline_image) {
  CoverUnitSquare(state);
  SplashOutputDev::drawImage(state, ref, stream, width, height, colours, interpolate, mask_colours,
                             inline_image);
}

void PdfCanvas::drawMaskedImage(GfxState* state, Object* ref, Stream* stream, int width, int height,
                                GfxImageColorMap* colours, bool interpolate, Stream* mask,
                                int mask_width, int mask_height, bool mask_invert,
                                bool mask_interpolate) {
  CoverUnitSquare(state);
  SplashOutputDev::drawMaskedImage(state, ref, stream, width, height, colours, interpolate, mask,
                                   mask_width, mask_height, mask_invert, mask_interpolate);
}

void PdfCanvas::drawSoftMaskedImage(GfxState* state, Object* ref, Stream* stream, int width,
                                    int height, GfxImageColorMap* colours, bool interpolate,
                                    Stream* mask, int mask_width, int mask_height,
                                    GfxImageColorMap* mask_colours, bool mask_interpolate) {
  CoverUnitSquare(state);
  SplashOutputDev::drawSoftMaskedImage(state, ref, stream, width, height, colours, interpolate,
                                       mask, mask_width, mask_height, mask_colours,
                                       mask_interpolate);
}

bool PdfCanvas::beginType3Char(GfxState* state, double x, double y, double dx, double dy,
                               CharCode code, const Unicode* u, int length) {
  const bool already_drawn = SplashOutputDev::beginType3Char(state, x, y, dx, dy, code, u, length);
  if (!already_drawn) ++ornament_depth_;  // poppler runs the glyph's program, then ends it
  return already_drawn;
}

void PdfCanvas::endType3Char(GfxState* state) {
  --ornament_depth_;
  SplashOutputDev::endType3Char(state);
}

bool PdfCanvas::tilingPatternFill(GfxState* state, Gfx* gfx, Catalog* catalog,
                                  GfxTilingPattern* pattern, const double* matrix, int x0, int y0,
                                  int x1, int y1, double x_step, double y_step) {
  ++ornament_depth_;
  const bool filled = SplashOutputDev::tilingPatternFill(state, gfx, catalog, pattern, matrix, x0,
                                                         y0, x1, y1, x_step, y_step);
  --ornament_depth_;
  return filled;
}

}  // namespace gnosis
