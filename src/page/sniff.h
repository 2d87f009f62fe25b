// What a file is, by its first bytes. Safe in the parent: looks at a few bytes, decodes nothing.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace gnosis {

// "%PDF-" may begin at any of the first 1,024 bytes (PDF 1.7 reference, appendix H, note 13).
inline constexpr size_t kMaxPdfJunkBytes = 1023;
inline constexpr size_t kSniffBytes = kMaxPdfJunkBytes + 5;

// application/pdf image/png image/jpeg image/tiff image/webp; anything else is
// kUnsupportedMediaType, and the message says what it looks like ("a ZIP archive", "an HTML page",
// "an empty file", "a GIF image", "plain text").
Result<std::string> SniffMediaType(std::string_view first_bytes);
// "pdf" "png" "jpg" "tif" "webp".
std::string ExtensionFor(std::string_view media_type);

}  // namespace gnosis
