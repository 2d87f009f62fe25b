// One table of the supported kinds of documents, and detection of a file's kind by its first bytes.
// Safe in the parent process: looks at a few bytes, decodes nothing. Decoding is in
// child/document.cc and child/image.cc.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace gnosis {

struct MediaType {
  std::string_view name;                  // "image/tiff"
  std::string_view label;                 // for people: "TIFF"
  std::string_view extension;             // of the original in a session's directory: "tif"
  std::vector<std::string_view> endings;  // of file names, in lower case: ".tif" ".tiff"
  bool (*matches)(std::string_view first_bytes);
};
std::span<const MediaType> MediaTypes();
// nullptr: unknown.
const MediaType* FindMediaType(std::string_view name);

inline constexpr std::string_view kPdf = "application/pdf";

// "%PDF-" may begin at any of the first 1,024 bytes (PDF 1.7 reference, appendix H, note 13).
inline constexpr size_t kMaxPdfJunkBytes = 1023;
inline constexpr size_t kSniffBytes = kMaxPdfJunkBytes + 5;

// The name of one of MediaTypes(); anything else is kUnsupportedMediaType, and the message says
// what it looks like ("a ZIP archive", "an HTML page", "an empty file", "a GIF image", "plain
// text").
Result<std::string> SniffMediaType(std::string_view first_bytes);

}  // namespace gnosis
