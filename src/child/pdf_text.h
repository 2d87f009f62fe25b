// The words of a PDF page, as poppler finds them. Only child_pdf.cc includes this.
#pragma once

#include "child/document.h"

class PDFDoc;

namespace gnosis {

struct PdfTextRequest {
  int page = 1;
  double user_unit = 1;
  bool use_media_box = false;  // poppler's own flag
  int width = 0;               // of the render, in pixels, and its resolution
  int height = 0;
  int dpi = 0;
};

// Everything of the layer but the image coverage. May throw what poppler throws.
TextLayer ReadPdfText(PDFDoc& pdf, const PdfTextRequest& request);

}  // namespace gnosis
