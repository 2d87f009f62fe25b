// What is asked for about a document's page, and what comes back: the values on both sides of a
// PageReader (reader/page_reader.h).
#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "page/page_options.h"
#include "page/page_result.h"

namespace gnosis {

struct DocumentInfo {
  std::string media_type;  // by content: one of MediaTypes()
  int page_count = 0;
};

// How much a page may cost. A page that used up its time may come out at a reduced one: at a lower
// resolution, read once, as it lies. Its result says so.
enum class Effort { kFull, kReduced };

struct PageRequest {
  int page = 1;
  PageOptions options;
  Effort effort = Effort::kFull;
  // Of this page, where it is shorter than ChildOptions::page_timeout.
  std::optional<Milliseconds> time_limit;
};

struct PageArtefacts {
  PageResult result;         // completed = true; checksums filled in; edition, completed_at not
  std::string image_png;     // grey, what the engine saw
  std::string preview_jpeg;  // colour, longer side about 1,400 pixels
};

// kTimeout, kChildDied, kInterrupted, kIo: another attempt may help. Every other error is about the
// page or document itself: it is a result.
bool IsRetryable(ErrorCode code);

}  // namespace gnosis
