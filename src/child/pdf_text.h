// Extracts the words of a PDF page with poppler. Only pdf.cc includes this.
#pragma once

#include "child/document.h"

class PDFDoc;

namespace gnosis {

struct PdfTextRequest {
  int page = 1;
  double user_unit = 1;
  bool use_media_box = false;  // poppler's parameter
  int width = 0;               // of the render, in pixels, and its resolution
  int height = 0;
  int dpi = 0;
};

// Everything in the layer except the image coverage. May throw poppler's exceptions.
TextLayer ReadPdfText(PDFDoc& pdf, const PdfTextRequest& request);

}  // namespace gnosis
