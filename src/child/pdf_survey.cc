#include "child/pdf_survey.h"

#include <GfxState.h>
#include <Stream.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "child/codecs.h"

namespace gnosis {
namespace {

constexpr int kInvisible = 3;  // text rendering mode, PDF 32000-1 table 106; with 4 it is a clip

bool IsAxisAligned(const double* matrix) { return matrix[1] == 0 && matrix[2] == 0; }

// The path of the operator `re`. Any other clip may cut off corners of an image.
bool IsRectangle(const GfxPath& path) {
  if (path.getNumSubpaths() != 1) return false;
  const GfxSubpath& outline = *path.getSubpath(0);
  if (outline.getNumPoints() != 5) return false;
  for (int i = 1; i < 5; ++i) {
    if (outline.getCurve(i)) return false;
    if (outline.getX(i) != outline.getX(i - 1) && outline.getY(i) != outline.getY(i - 1)) {
      return false;
    }
  }
  return true;
}

bool ShowsPixelsAsTheyAre(GfxState* state) {
  return state->getFillOpacity() == 1 && state->getBlendMode() == gfxBlendNormal &&
         state->getTransfer()[0] == nullptr;
}

// The encoded bytes, before the stream's filter.
std::string Undecoded(Stream& stream) {
  std::string bytes;
  Stream* encoded = stream.getNextStream();
  if (encoded == nullptr) return bytes;
  encoded->reset();
  unsigned char piece[1 << 14];
  while (true) {
    const int got = encoded->doGetChars(sizeof(piece), piece);
    if (got <= 0) return bytes;
    bytes.append(reinterpret_cast<const char*>(piece), size_t(got));
  }
}

// Looks at the rows from `first` on.
bool HaveOneColour(const Raster& raster, int first) {
  const uint8_t* begin = raster.row(first);
  const uint8_t* end = raster.pixels.data() + raster.pixels.size();
  return std::equal(begin + raster.channels(), end, begin);
}

// Poppler does not report that a JPEG is truncated or cannot be decoded; it fills the rest, or all
// of it, with one colour.
std::string DamageOfJpeg(Stream& stream, const Raster& raster, const RenderLimits& limits) {
  if (!HaveOneColour(raster, raster.height - 1)) return "";
  const std::string bytes = Undecoded(stream);
  if (HasJpegEnd(bytes) && !HaveOneColour(raster, 0)) return "";
  const auto decoded = DecodeJpeg(bytes, limits);
  return decoded.ok() ? decoded->damage : decoded.error().message;
}

}  // namespace

PdfSurvey::PdfSurvey(double page_width, double page_height)
    : page_width_(page_width), page_height_(page_height) {}

std::optional<ScanImage> PdfSurvey::scan() const {
  if (images_ != 1 || other_marks_) return std::nullopt;
  return last_image_;
}

// An image fills the unit square, transformed by the matrix; a cell is covered if its centre is.
void PdfSurvey::CoverUnitSquare(GfxState* state) {
  const double* m = state->getCTM();
  const double determinant = m[0] * m[3] - m[1] * m[2];
  if (!std::isnormal(determinant)) return;
  double left, top, right, bottom;
  state->getClipBBox(&left, &top, &right, &bottom);
  for (int row = 0; row < kGrid; ++row) {
    const double y = (row + 0.5) * page_height_ / kGrid;
    if (y < top || y > bottom) continue;
    for (int column = 0; column < kGrid; ++column) {
      const double x = (column + 0.5) * page_width_ / kGrid;
      if (x < left || x > right) continue;
      const double u = ((x - m[4]) * m[3] - (y - m[5]) * m[2]) / determinant;
      const double v = ((y - m[5]) * m[0] - (x - m[4]) * m[1]) / determinant;
      if (u >= 0 && u <= 1 && v >= 0 && v <= 1) covered_.set(size_t(row) * kGrid + column);
    }
  }
}

void PdfSurvey::CountImage(GfxState* state, int width, int height) {
  CoverUnitSquare(state);
  ++images_;
  const double* m = state->getCTM();
  // The image's first row is at the top of the unit square, where y grows upwards; the page's y
  // grows downwards.
  if (!IsAxisAligned(m) || m[0] <= 0 || m[3] >= 0 || !ShowsPixelsAsTheyAre(state)) Mark();
  double left, top, right, bottom;
  state->getClipBBox(&left, &top, &right, &bottom);
  last_image_ = {width,
                 height,
                 std::max(m[4], left) / page_width_,
                 std::max(m[5] + m[3], top) / page_height_,
                 std::min(m[4] + m[0], right) / page_width_,
                 std::min(m[5], bottom) / page_height_};
}

void PdfSurvey::drawImage(GfxState* state, Object* ref, Stream* stream, int width, int height,
                          GfxImageColorMap* colours, bool interpolate, const int* mask_colours,
                          bool inline_image) {
  CountImage(state, width, height);
  if (mask_colours != nullptr || inline_image) Mark();
  // Consumes an inline image to its end.
  OutputDev::drawImage(state, ref, stream, width, height, colours, interpolate, mask_colours,
                       inline_image);
}

void PdfSurvey::drawImageMask(GfxState* state, Object* ref, Stream* stream, int width, int height,
                              bool invert, bool interpolate, bool inline_image) {
  CoverUnitSquare(state);
  Mark();
  OutputDev::drawImageMask(state, ref, stream, width, height, invert, interpolate, inline_image);
}

void PdfSurvey::drawMaskedImage(GfxState* state, Object*, Stream*, int, int, GfxImageColorMap*,
                                bool, Stream*, int, int, bool, bool) {
  CoverUnitSquare(state);
  Mark();
}

void PdfSurvey::drawSoftMaskedImage(GfxState* state, Object*, Stream*, int, int, GfxImageColorMap*,
                                    bool, Stream*, int, int, GfxImageColorMap*, bool) {
  CoverUnitSquare(state);
  Mark();
}

void PdfSurvey::drawChar(GfxState* state, double, double, double, double, double, double, CharCode,
                         int, const Unicode*, int) {
  if (state->getRender() != kInvisible) Mark();
}

void PdfSurvey::clip(GfxState* state) {
  if (!IsAxisAligned(state->getCTM()) || !IsRectangle(*state->getPath())) Mark();
}

void PdfScanReader::drawImage(GfxState*, Object*, Stream* stream, int width, int height,
                              GfxImageColorMap* colours, bool, const int*, bool) {
  const bool gray =
      colours->getNumPixelComps() == 1 && colours->getColorSpace()->getMode() == csDeviceGray;
  Raster raster{width, height, 0, gray ? PixelFormat::kGray8 : PixelFormat::kRgb8, {}};
  raster.pixels.assign(size_t(width) * height * raster.channels(), 255);
  ImageStream image(stream, width, colours->getNumPixelComps(), colours->getBits());
  image.reset();
  const bool jpeg = stream->getKind() == strDCT;  // whose lookChar gives no information
  int y = 0;
  for (; y < height; ++y) {
    // ImageStream would continue with made-up samples.
    if (!jpeg && stream->lookChar() == EOF) break;
    unsigned char* samples = image.getLine();
    if (samples == nullptr) break;
    if (gray) {
      colours->getGrayLine(samples, raster.row(y), width);
    } else {
      colours->getRGBLine(samples, raster.row(y), width);
    }
  }
  image.close();
  std::string damage;
  if (y < height) damage = BreaksOff("page's", y, height);
  if (jpeg) damage = DamageOfJpeg(*stream, raster, limits_);
  page_ = RenderedPage{std::move(raster), std::move(damage)};
}

std::optional<RenderedPage> PdfScanReader::TakePage() { return std::exchange(page_, std::nullopt); }

}  // namespace gnosis
