// Small documents for the tests of child_*.cc, made on the spot.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "page/raster.h"

namespace gnosis {

// Objects 1, 2, ... with a table of where they lie; object 1 is the catalogue.
inline std::string PdfOf(const std::vector<std::string>& objects, std::string_view trailer = "") {
  std::string pdf = "%PDF-1.7\n";
  std::string table = fmt::format("xref\n0 {}\n0000000000 65535 f \n", objects.size() + 1);
  for (size_t i = 0; i < objects.size(); ++i) {
    table += fmt::format("{:010} 00000 n \n", pdf.size());
    pdf += fmt::format("{} 0 obj\n{}\nendobj\n", i + 1, objects[i]);
  }
  const size_t table_at = pdf.size();
  return pdf + table +
         fmt::format("trailer\n<</Root 1 0 R /Size {} {}>>\nstartxref\n{}\n%%EOF\n",
                     objects.size() + 1, trailer, table_at);
}

inline std::string StreamOf(std::string_view dictionary, std::string_view data) {
  return fmt::format("<<{} /Length {}>>\nstream\n{}\nendstream", dictionary, data.size(), data);
}

// One page. `page` is what stands in its dictionary (/MediaBox ...), `content` draws.
// Resources: /F1 Helvetica; /F3 a Type 3 font whose letters a to z are black bricks on the
// baseline, 0.6 wide and 0.7 high (small images, as in old TeX files); /I a black image of 1 x 1
// pixel.
inline std::string OnePagePdf(std::string_view page, std::string_view content) {
  std::string differences, programs, widths;
  for (char c = 'a'; c <= 'z'; ++c) {
    differences += fmt::format("/{} ", c);
    programs += fmt::format("/{} 7 0 R ", c);
    widths += "600 ";
  }
  return PdfOf({
      "<</Type /Catalog /Pages 2 0 R>>",
      "<</Type /Pages /Kids [3 0 R] /Count 1>>",
      fmt::format("<</Type /Page /Parent 2 0 R /Contents 4 0 R {} /Resources "
                  "<</Font <</F1 5 0 R /F3 6 0 R>> /XObject <</I 8 0 R>>>>>>",
                  page),
      StreamOf("", content),
      "<</Type /Font /Subtype /Type1 /BaseFont /Helvetica>>",
      fmt::format("<</Type /Font /Subtype /Type3 /FontBBox [0 0 1000 1000] /FontMatrix [.001 0 0 "
                  ".001 0 0] /FirstChar 97 /LastChar 122 /Widths [{}] /Encoding <</Type /Encoding "
                  "/Differences [97 {}]>> /CharProcs <<{}>>>>",
                  widths, differences, programs),
      StreamOf("", std::string(
                       "600 0 0 0 600 700 d1 600 0 0 700 0 0 cm BI /W 1 /H 1 /BPC 1 /IM true ID ") +
                       '\0' + " EI"),
      StreamOf("/Type /XObject /Subtype /Image /Width 1 /Height 1 /BitsPerComponent 8 /ColorSpace "
               "/DeviceGray",
               std::string_view("\0", 1)),
  });
}

inline Raster GradientOf(int width, int height, PixelFormat format) {
  Raster image{width, height, 0, format, {}};
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      image.pixels.push_back(uint8_t(x * 255 / width));
      if (format == PixelFormat::kGray8) continue;
      image.pixels.push_back(uint8_t(y * 255 / height));
      image.pixels.push_back(uint8_t(60));
    }
  }
  return image;
}

// The largest difference of two images of one size; 256 when they are of different kinds.
inline int WorstDifference(const Raster& a, const Raster& b) {
  if (a.width != b.width || a.height != b.height || a.format != b.format) return 256;
  int worst = 0;
  for (size_t i = 0; i < a.pixels.size(); ++i) {
    worst = std::max(worst, std::abs(int(a.pixels[i]) - int(b.pixels[i])));
  }
  return worst;
}

}  // namespace gnosis
