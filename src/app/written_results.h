// Records what `ocr -o` has written where, so that the same command, when repeated, can distinguish
// its own results from other files, and need not process again what was delivered before an
// interruption.
//
// A record is written after its result is durable and before the session is deleted; it is valid
// only while the file has the recorded content. Records are deleted after 30 days.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "session/object_store.h"

namespace gnosis {

struct WrittenResult {
  std::string document;  // the document and the options: SessionOpener::DocumentOf
  std::string sha256;    // of the result
  int failed_pages = 0;
};

class WrittenResults {
 public:
  // Both must outlive it. The records are objects in `store`, under "written/".
  WrittenResults(ObjectStore& store, Clock& clock) : store_(store), clock_(clock) {}

  // `target` is absolute. A damaged record is ignored.
  Result<std::optional<WrittenResult>> Find(const std::filesystem::path& target);
  Status Note(const std::filesystem::path& target, const WrittenResult& written);
  // Deletes old records, a sixteenth of all at a time.
  Status Tidy();

 private:
  ObjectStore& store_;
  Clock& clock_;
};

}  // namespace gnosis
