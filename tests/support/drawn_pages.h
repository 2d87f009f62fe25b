// For tests: pages of text, drawn by poppler.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "child/document.h"

namespace gnosis {

inline const std::vector<std::string> kLetter = {
    "Dear Madam,",
    "",
    "The quick brown fox jumps over the lazy dog near the river bank.",
    "Every good boy deserves favour, and seven sisters sang for the miller.",
    "We have received 1,250 boxes of apples on the 14th of March 1921.",
    "",
    "Please send the remaining crates before the harbour is closed by ice.",
    "The captain will wait for two days and not longer.",
    "",
    "Yours faithfully,",
    "John Harrow"};
inline const std::vector<std::string> kNote = {"A short note about nothing at all.",
                                               "It has two lines of text."};

// One A5 page with these lines (Windows-1252, backslashes as in PDF) in a standard font, every
// object where the table says it is.
inline std::string PdfOf(const std::vector<std::string>& lines) {
  std::string content = "BT /F1 14 Tf 40 540 Td 24 TL\n";
  for (const std::string& line : lines) content += fmt::format("({}) ' \n", line);
  content += "ET";
  const std::vector<std::string> objects = {
      "<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
      "<</Type/Page/Parent 2 0 R/MediaBox[0 0 560 595]/Contents 4 0 R"
      "/Resources<</Font<</F1 5 0 R>>>>>>",
      fmt::format("<</Length {}>>stream\n{}\nendstream", content.size(), content),
      "<</Type/Font/Subtype/Type1/BaseFont/Times-Roman/Encoding/WinAnsiEncoding>>"};
  std::string pdf = "%PDF-1.4\n";
  std::string table = "0000000000 65535 f \n";
  for (size_t i = 0; i < objects.size(); ++i) {
    table += fmt::format("{:010} 00000 n \n", pdf.size());
    pdf += fmt::format("{} 0 obj\n{}\nendobj\n", i + 1, objects[i]);
  }
  const size_t table_offset = pdf.size();
  return pdf + fmt::format("xref\n0 6\n{}trailer<</Size 6/Root 1 0 R>>\nstartxref\n{}\n%%EOF\n",
                           table, table_offset);
}

inline Raster Draw(const std::vector<std::string>& lines) {
  const std::string pdf = PdfOf(lines);
  const auto document = OpenPdf(pdf, "", RenderLimits{});
  EXPECT_TRUE(document.ok());
  return ToGray((*document)->Render(1, 300)->raster);
}

}  // namespace gnosis
