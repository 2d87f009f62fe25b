// Requests for pages of a document and their results: the values passed to and from a PageReader
// (reader/page_reader.h).
#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "page/page_options.h"
#include "page/page_result.h"

namespace gnosis {

struct DocumentInfo {
  std::string media_type;  // detected from the content: one of MediaTypes()
  int page_count = 0;
};

// How much work a page may take. A page that exceeded its time limit may be processed at reduced
// effort: at a lower resolution, recognised once, without rotation. Its result says so.
enum class Effort { kFull, kReduced };

struct PageRequest {
  int page = 1;
  PageOptions options;
  Effort effort = Effort::kFull;
  // For this page, if shorter than ChildOptions::page_timeout.
  std::optional<Milliseconds> time_limit;
};

struct PageArtefacts {
  PageResult result;         // completed = true; checksums filled in; edition, completed_at not
  std::string image_png;     // grey, what the engine saw
  std::string preview_jpeg;  // colour, longer side about 1,400 pixels
};

// kTimeout, kChildDied, kInterrupted, kIo: another attempt may help. Every other error is about the
// page or document itself and counts as its result.
bool IsRetryable(ErrorCode code);

}  // namespace gnosis
