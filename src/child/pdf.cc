// PDF pages by poppler's core library (its C++ interface hides UserUnit, images and invisible
// text). Poppler is used only in this file, pdf_canvas.*, pdf_survey.*, pdf_text.* and warm_up.*.
#include <ErrorCodes.h>
#include <GlobalParams.h>
#include <PDFDoc.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <functional>
#include <new>
#include <optional>

#include "child/codecs.h"
#include "child/pdf_canvas.h"
#include "child/pdf_survey.h"
#include "child/pdf_text.h"
#include "page/media_types.h"

namespace gnosis {
namespace {

constexpr double kPointsPerInch = 72;
constexpr int kLowestDpi = 20;
// A scan still fills the page if its edges are this many pixels away from the page's, or its size
// differs by this many: page sizes are often rounded.
constexpr double kScanTolerancePixels = 2;

const char kOpenHint[] =
    "Open it in a PDF viewer; if it looks right there, save it again or print it to a new PDF.";

Error Damaged(std::string_view reason) {
  return Error{ErrorCode::kDamaged, "the PDF is damaged: " + std::string(reason), kOpenHint};
}

Error OpenError(int poppler_code, const std::string& password) {
  switch (poppler_code) {
    case errEncrypted:
      return Error{ErrorCode::kPasswordRequired,
                   password.empty() ? "the PDF is encrypted and needs a password"
                                    : "the PDF is encrypted and the password is incorrect",
                   "Send the user or the owner password, or save the PDF without encryption."};
    case errBadCatalog:
      return Damaged("its page list (catalogue) cannot be read");
    case errDamaged:
      return Damaged("its table of objects is broken and could not be rebuilt");
    default:
      return Damaged(fmt::format("it cannot be opened (poppler's error {})", poppler_code));
  }
}

// Before PDF 2.0 passwords are in Latin-1. Nothing if it has other characters.
std::optional<std::string> AsLatin1(const std::string& utf8) {
  std::string latin1;
  for (size_t i = 0; i < utf8.size(); ++i) {
    const auto lead = uint8_t(utf8[i]);
    if (lead < 0x80) {
      latin1 += utf8[i];
    } else if ((lead == 0xC2 || lead == 0xC3) && i + 1 < utf8.size()) {
      latin1 += char((lead << 6) | (uint8_t(utf8[++i]) & 0x3F));
    } else {
      return std::nullopt;
    }
  }
  return latin1;
}

// Called by poppler when it gives up on a PDF's table of objects and rebuilds it.
using OnRebuild = std::function<void()>;

std::unique_ptr<PDFDoc> TryPassword(std::string_view bytes, const std::string& password,
                                    const OnRebuild& on_rebuild) {
  std::optional<GooString> given;
  if (!password.empty()) given.emplace(password);
  auto* stream = new MemStream(bytes.data(), 0, Goffset(bytes.size()), Object(objNull));
  return std::make_unique<PDFDoc>(stream, given, given, nullptr, on_rebuild);  // takes the stream
}

// Also opens a document that needs no password if one is given.
std::unique_ptr<PDFDoc> OpenAnyhow(std::string_view bytes, const std::string& password,
                                   const OnRebuild& on_rebuild) {
  std::unique_ptr<PDFDoc> pdf = TryPassword(bytes, password, on_rebuild);
  if (pdf->isOk() || pdf->getErrorCode() != errEncrypted || password.empty()) return pdf;
  if (const auto latin1 = AsLatin1(password); latin1 && *latin1 != password) {
    pdf = TryPassword(bytes, *latin1, on_rebuild);
    if (pdf->isOk()) return pdf;
  }
  return TryPassword(bytes, "", on_rebuild);
}

// A page as displayed: turned, in points of 1/72 inch.
struct PageShape {
  double width = 0;
  double height = 0;
  double user_unit = 1;
  bool use_media_box = false;
};

double UserUnit(PDFDoc& pdf, Page& page) {
  const Object dictionary = pdf.getXRef()->fetch(page.getRef());
  if (!dictionary.isDict()) return 1;
  const Object unit = dictionary.dictLookup("UserUnit");
  const double value = unit.isNum() ? unit.getNum() : 1;
  return value > 0 && value < 1e6 ? value : 1;
}

PageShape ShapeOf(PDFDoc& pdf, Page& page) {
  PageShape shape;
  shape.user_unit = UserUnit(pdf, page);
  // A CropBox outside the MediaBox leaves nothing; viewers then show the MediaBox.
  shape.use_media_box = !(page.getCropWidth() > 0 && page.getCropHeight() > 0);
  shape.width = shape.use_media_box ? page.getMediaWidth() : page.getCropWidth();
  shape.height = shape.use_media_box ? page.getMediaHeight() : page.getCropHeight();
  shape.width *= shape.user_unit;
  shape.height *= shape.user_unit;
  if (page.getRotate() == 90 || page.getRotate() == 270) std::swap(shape.width, shape.height);
  return shape;
}

double Pixels(double points, int dpi) {
  return std::max(1.0, std::ceil(points * dpi / kPointsPerInch));
}

bool Fits(const PageShape& shape, int dpi, const RenderLimits& limits) {
  const double width = Pixels(shape.width, dpi);
  const double height = Pixels(shape.height, dpi);
  return width <= limits.max_side_pixels && height <= limits.max_side_pixels &&
         width * height <= double(limits.max_page_pixels);
}

// The highest resolution up to `dpi` within the limits.
Result<int> FitDpi(const PageShape& shape, int dpi, const RenderLimits& limits) {
  const double side_dpi =
      limits.max_side_pixels * kPointsPerInch / std::max(shape.width, shape.height);
  const double area_dpi =
      std::sqrt(double(limits.max_page_pixels) / shape.width / shape.height) * kPointsPerInch;
  const double bound = std::floor(std::min({double(dpi), side_dpi, area_dpi * 1.01 + 1}));
  const int lowest = std::min(dpi, kLowestDpi);
  for (int fit = int(bound); fit >= lowest; --fit) {
    if (Fits(shape, fit, limits)) return fit;
  }
  return Error{ErrorCode::kTooLarge,
               fmt::format("the page is {:.0f} x {:.0f} inches: even at {} dpi it is over the "
                           "limits max_page_pixels ({}) and max_side_pixels ({})",
                           shape.width / kPointsPerInch, shape.height / kPointsPerInch, lowest,
                           limits.max_page_pixels, limits.max_side_pixels),
               "Scale the page down and send it again."};
}

struct PageSurvey {
  int page = 0;
  double image_coverage = 0;
  std::optional<ScanImage> scan;
};

// At this size one pixel of the scan is one pixel of the page.
bool Fills(const ScanImage& scan, int width, int height) {
  const auto is_near = [](double a, double b) { return std::abs(a - b) <= kScanTolerancePixels; };
  return is_near(scan.width, width) && is_near(scan.height, height) &&
         is_near(scan.left * width, 0) && is_near(scan.right * width, width) &&
         is_near(scan.top * height, 0) && is_near(scan.bottom * height, height);
}

class PdfDocument : public Document {
 public:
  PdfDocument(std::string_view bytes, const std::string& password, const RenderLimits& limits)
      : poppler_([](ErrorCategory, Goffset, const char*) {}),
        bytes_(bytes),
        password_(password),
        limits_(limits) {
    info_.media_type = kPdf;
  }

  Status Open() {
    return Guarded([&] { return OpenAnew(); });
  }

  const DocumentInfo& info() const override { return info_; }

  Result<RenderedPage> Render(int page, int dpi) override {
    auto rendered = Guarded([&] { return RenderPage(page, dpi); });
    ForgetRebuiltTable();
    return rendered;
  }

  Result<TextLayer> ReadTextLayer(int page, const Raster& raster) override {
    auto layer = Guarded([&] { return ReadLayer(page, raster); });
    ForgetRebuiltTable();
    return layer;
  }

 private:
  // If an object of a page is missing, poppler rebuilds the table, and the new one may refer to
  // other objects than the original. With it the next page could differ from what a new child would
  // render.
  void ForgetRebuiltTable() {
    if (!table_rebuilt_) return;
    canvas_.reset();
    survey_ = {};
  }

  // Catches poppler's exceptions. Poppler objects are not used again afterwards.
  template <typename Work>
  auto Guarded(Work work) -> decltype(work()) {
    try {
      return work();
    } catch (const std::bad_alloc&) {
      canvas_.reset();
      return Error{ErrorCode::kTooLarge,
                   "the PDF needs more memory than a page may use (PAGE_MEMORY)",
                   "Print the page to an image and send that."};
    } catch (const std::exception& exception) {
      canvas_.reset();
      return Damaged(exception.what());
    }
  }

  Status OpenAnew() {
    canvas_.reset();
    pdf_ = OpenAnyhow(bytes_, password_, [this] { table_rebuilt_ = true; });
    if (!pdf_->isOk()) return OpenError(pdf_->getErrorCode(), password_);
    info_.page_count = pdf_->getNumPages();
    if (info_.page_count <= 0) {
      return Error{ErrorCode::kNoPages, "the PDF has no pages", kOpenHint};
    }
    if (info_.page_count > limits_.max_pages) return TooManyPages(info_.page_count, limits_);
    canvas_ = std::make_unique<PdfCanvas>();
    canvas_->startDoc(pdf_.get());
    table_rebuilt_ = false;  // discards a rebuild during opening
    return Ok();
  }

  Result<Page*> FindPage(int number) {
    if (number < 1 || number > info_.page_count) return NoSuchPage(number, info_.page_count);
    if (canvas_ == nullptr) RETURN_IF_ERROR(OpenAnew());
    Page* page = pdf_->getPage(number);
    if (page == nullptr || !page->isOk()) {
      return Damaged(fmt::format("page {} is missing from its list of pages", number));
    }
    return page;
  }

  Result<PageShape> FindShape(int number) {
    ASSIGN_OR_RETURN(Page * page, FindPage(number));
    const PageShape shape = ShapeOf(*pdf_, *page);
    if (!(shape.width > 0 && shape.height > 0)) {
      return Damaged(
          fmt::format("the page has no area ({:.4g} x {:.4g} points)", shape.width, shape.height));
    }
    return shape;
  }

  Result<RenderedPage> RenderPage(int number, int dpi) {
    ASSIGN_OR_RETURN(const PageShape shape, FindShape(number));
    ASSIGN_OR_RETURN(const int fit, FitDpi(shape, dpi, limits_));
    const int width = int(Pixels(shape.width, fit));
    const int height = int(Pixels(shape.height, fit));
    if (width == 1 && height == 1) {
      return Damaged(fmt::format("the page is {:.4g} x {:.4g} points: a single pixel", shape.width,
                                 shape.height));
    }
    const auto& scan = Survey(number, shape).scan;
    if (scan && Fills(*scan, width, height) && CheckSize(scan->width, scan->height, limits_).ok()) {
      if (auto taken = TakeScan(number, shape, fit)) return *std::move(taken);
    }
    ASSIGN_OR_RETURN(Raster drawn, Draw(number, shape, fit));
    return RenderedPage{std::move(drawn), ""};
  }

  void Run(OutputDev& device, int number, const PageShape& shape, int dpi) {
    const double unit_dpi = dpi * shape.user_unit;
    pdf_->displayPageSlice(&device, number, unit_dpi, unit_dpi, 0, shape.use_media_box, false,
                           false, 0, 0, int(Pixels(shape.width, dpi)),
                           int(Pixels(shape.height, dpi)));
  }

  const PageSurvey& Survey(int number, const PageShape& shape) {
    if (survey_.page != number) {
      PdfSurvey device(shape.width, shape.height);
      Run(device, number, shape, int(kPointsPerInch));
      survey_ = {number, device.image_coverage(), device.scan()};
    }
    return survey_;
  }

  std::optional<RenderedPage> TakeScan(int number, const PageShape& shape, int dpi) {
    PdfScanReader reader(limits_);
    Run(reader, number, shape, dpi);
    std::optional<RenderedPage> page = reader.TakePage();
    if (!page) return std::nullopt;
    page->raster.dpi = dpi;
    page->raster = GrayIfColourless(std::move(page->raster));
    return page;
  }

  Result<Raster> Draw(int number, const PageShape& shape, int dpi) {
    Run(*canvas_, number, shape, dpi);
    const int width = int(Pixels(shape.width, dpi));
    const int height = int(Pixels(shape.height, dpi));
    Result<Raster> raster = canvas_->TakeRaster();
    if (!raster.ok()) return raster.error();
    if (raster->width != width || raster->height != height) {
      return Damaged(fmt::format("the page came out as {} x {} instead of {} x {} pixels",
                                 raster->width, raster->height, width, height));
    }
    raster->dpi = dpi;
    return GrayIfColourless(*std::move(raster));
  }

  Result<TextLayer> ReadLayer(int number, const Raster& raster) {
    ASSIGN_OR_RETURN(const PageShape shape, FindShape(number));
    TextLayer layer = ReadPdfText(*pdf_, {number, shape.user_unit, shape.use_media_box,
                                          raster.width, raster.height, raster.dpi});
    layer.image_coverage = Survey(number, shape).image_coverage;
    return layer;
  }

  // Poppler's fonts and tables: created with the first of these objects, destroyed with the last.
  GlobalParamsIniter poppler_;
  std::string_view bytes_;
  std::string password_;
  RenderLimits limits_;
  DocumentInfo info_;
  std::unique_ptr<PDFDoc> pdf_;
  std::unique_ptr<PdfCanvas> canvas_;  // null: `pdf_` must not be used again
  bool table_rebuilt_ = false;
  PageSurvey survey_;  // of the last surveyed page
};

}  // namespace

Result<std::unique_ptr<Document>> OpenPdf(std::string_view bytes, const std::string& password,
                                          const RenderLimits& limits) {
  auto document = std::make_unique<PdfDocument>(bytes, password, limits);
  RETURN_IF_ERROR(document->Open());
  return {std::unique_ptr<Document>(std::move(document))};
}

}  // namespace gnosis
