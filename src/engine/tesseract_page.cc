#include "engine/tesseract_page.h"

#include <algorithm>
#include <utility>

namespace gnosis {
namespace {

constexpr int kSmallestSide = 8;

bool StandsUpright(const tesseract::PageIterator& iterator) {
  tesseract::Orientation orientation;
  tesseract::WritingDirection writing_direction;
  tesseract::TextlineOrder order;
  float deskew_angle = 0;
  iterator.Orientation(&orientation, &writing_direction, &order, &deskew_angle);
  return orientation == tesseract::ORIENTATION_PAGE_UP;
}

}  // namespace

Status CheckImage(const Raster& gray) {
  GNOSIS_CHECK(gray.format == PixelFormat::kGray8);
  GNOSIS_CHECK(gray.pixels.size() == size_t(gray.width) * size_t(gray.height));
  if (gray.width > 0 && gray.height > 0) return Ok();
  return Error{ErrorCode::kDamaged, "the page image has no pixels", ""};
}

bool IsLegible(const Raster& gray) { return std::min(gray.width, gray.height) >= kSmallestSide; }

void SetTesseractImage(tesseract::TessBaseAPI& api, const Raster& gray, int dpi,
                       Thresholding thresholding) {
  api.SetVariable("thresholding_method", thresholding == Thresholding::kSauvola ? "2" : "0");
  api.SetImage(gray.pixels.data(), gray.width, gray.height, 1, gray.width);
  if (dpi > 0) api.SetSourceResolution(dpi);
}

Box BoxAt(const tesseract::PageIterator& iterator, tesseract::PageIteratorLevel level) {
  Box box;
  iterator.BoundingBox(level, &box.left, &box.top, &box.right, &box.bottom);
  return box;
}

void Beginnings::Note(const tesseract::PageIterator& iterator) {
  if (iterator.IsAtBeginningOf(tesseract::RIL_BLOCK)) begun_.block = true;
  if (iterator.IsAtBeginningOf(tesseract::RIL_PARA)) begun_.paragraph = true;
  if (iterator.IsAtBeginningOf(tesseract::RIL_TEXTLINE)) begun_.line = true;
}

Beginnings::Opening Beginnings::Take() {
  Opening opening = std::exchange(begun_, {});
  opening.paragraph |= opening.block;
  opening.line |= opening.paragraph;
  return opening;
}

bool IsPicture(tesseract::PolyBlockType type) {
  switch (type) {
    case tesseract::PT_FLOWING_IMAGE:
    case tesseract::PT_HEADING_IMAGE:
    case tesseract::PT_PULLOUT_IMAGE:
    case tesseract::PT_HORZ_LINE:
    case tesseract::PT_VERT_LINE:
    case tesseract::PT_NOISE:
      return true;
    default:
      return false;
  }
}

Baseline BaselineAt(const tesseract::PageIterator& iterator, const Box& line) {
  int x1 = 0, y1 = 0, x2 = 0, y2 = 0;
  if (!StandsUpright(iterator)) return {};
  if (!iterator.Baseline(tesseract::RIL_TEXTLINE, &x1, &y1, &x2, &y2) || x1 == x2) return {};
  const double slope = double(y2 - y1) / (x2 - x1);
  const double offset = (y1 - line.bottom) - slope * (x1 - line.left);
  return Baseline{float(slope), float(offset)};
}

}  // namespace gnosis
