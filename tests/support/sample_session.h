// A small session for tests: a document of `pages` pages, all asked for.
#pragma once

#include <numeric>
#include <string>
#include <vector>

#include "session/metadata.h"
#include "session/processing.h"
#include "session/rules.h"

namespace gnosis::sample {

inline constexpr Time kNow{std::chrono::milliseconds{1'752'256'800'000}};  // 2025-07-11T18:00:00Z

inline Metadata SampleMetadata(int pages) {
  Metadata metadata;
  metadata.session_id = "123e4567-e89b-42d3-a456-426614174000";
  metadata.user_hash = "0123456789ab";
  metadata.file_name = "letter.pdf";
  metadata.extension = "pdf";
  metadata.media_type = "application/pdf";
  metadata.size_bytes = 12'345;
  metadata.sha256 = std::string(64, 'a');
  metadata.document_pages = pages;
  metadata.created_at = kNow;
  return metadata;
}

inline std::vector<int> PagesUpTo(int last) {
  std::vector<int> pages(static_cast<size_t>(last));
  std::iota(pages.begin(), pages.end(), 1);
  return pages;
}

inline Processing SampleRecord(int pages) {
  return NewProcessing(SampleMetadata(pages), PagesUpTo(pages), 10);
}

inline PageOutcome Completed(int page, int edition = 0) {
  PageOutcome outcome;
  outcome.page = page;
  outcome.edition = edition;
  outcome.completed = true;
  outcome.completed_at = kNow + Seconds(page + 100 * edition);
  outcome.result_file = "page_00" + std::to_string(page) + "_result.json";
  outcome.confidence = 95.5;
  outcome.source = "tesseract 5.3.0";
  outcome.duration_ms = 1234;
  return outcome;
}

inline PageOutcome Failed(int page, int edition = 0) {
  PageOutcome outcome = Completed(page, edition);
  outcome.completed = false;
  outcome.error = "damaged: the page has no content";
  outcome.confidence.reset();
  return outcome;
}

}  // namespace gnosis::sample
