// page_NNN_result.json: the record that a page is done (ARCHITECTURE.md, "A page, step by step").
// Written once per edition, after the page's image, preview and text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "page/page_text.h"

namespace gnosis {

struct PageResult {
  int schema_version = 1;
  int page = 0;
  int edition = 0;
  std::string incarnation;  // of the session that it was processed for (session/metadata.h)
  bool completed = false;
  std::optional<Error> error;  // of a failed page: why, and what to do about it

  std::string text;  // PlainText of `words`; page_NNN_result.txt is its copy
  PageText words;
  int width = 0;  // of page_NNN.png, pixels
  int height = 0;
  int dpi = 0;           // of page_NNN.png
  int angle = 0;         // degrees clockwise by which the page was turned upright: 0 90 180 270
  std::string language;  // "eng+deu"; "" for a text layer
  std::string source;  // "text_layer", "none" (mode skip), or engine and version: "tesseract 5.3.0"
  std::string
      source_reason;         // why: "text layer covers the page", "no text layer", "asked for", ...
  std::string thresholding;  // "otsu", "sauvola"; "" for a text layer
  std::optional<double> confidence;  // 0 to 100, mean over words
  std::string image_sha256;  // of page_NNN.png and page_NNN_preview.jpg; "" when there is none
  std::string preview_sha256;
  int64_t duration_ms = 0;
  Time completed_at{};
  bool operator==(const PageResult&) const;
};

// "code: message": the `error` of a failed page in processing.json.
std::string ErrorText(const Error& error);

// JSON, indented down to the lines of text, one word per row; ends with a newline.
std::string EncodePageResult(const PageResult& result);
// Validates every field; kDamaged says what is wrong.
Result<PageResult> DecodePageResult(std::string_view bytes);

}  // namespace gnosis
