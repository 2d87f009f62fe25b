#include "child/pdf_canvas.h"

#include <splash/SplashBitmap.h>

#include <array>
#include <memory>

namespace gnosis {
namespace {

using Colour = std::array<unsigned char, splashMaxColorComps>;

}  // namespace

PdfCanvas::PdfCanvas() : SplashOutputDev(splashModeRGB8, 1, false, Colour{255, 255, 255}.data()) {
  setFontAntialias(true);
  setVectorAntialias(true);
}

Result<Raster> PdfCanvas::TakeRaster() {
  const std::unique_ptr<SplashBitmap> bitmap(takeBitmap());
  if (bitmap == nullptr || bitmap->getDataPtr() == nullptr) {
    return Error{ErrorCode::kTooLarge,
                 "a page of this size needs more memory than a page may use (PAGE_MEMORY)", ""};
  }
  Raster raster{bitmap->getWidth(), bitmap->getHeight(), 0, PixelFormat::kRgb8, {}};
  const SplashColorConstPtr pixels = bitmap->getDataPtr();
  raster.pixels.assign(pixels, pixels + size_t(raster.width) * raster.height * 3);
  return raster;
}

}  // namespace gnosis
