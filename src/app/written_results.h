// What `ocr -o` wrote where: so that the same command, repeated, knows its own results from the
// files of others, and need not read again what it delivered before it was interrupted.
//
// A note is made after its result is durable and before the session is deleted; it is believed only
// while the file has the bytes it tells of. Notes are forgotten after 30 days.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "session/object_store.h"

namespace gnosis {

struct WrittenResult {
  std::string document;  // what was read and how: SessionOpener::DocumentOf
  std::string sha256;    // of the result
  int failed_pages = 0;
};

class WrittenResults {
 public:
  // Both must outlive it. The notes are objects of `store`, under "written/".
  WrittenResults(ObjectStore& store, Clock& clock) : store_(store), clock_(clock) {}

  // `target` is absolute. A note that is damaged is none.
  Result<std::optional<WrittenResult>> Find(const std::filesystem::path& target);
  Status Note(const std::filesystem::path& target, const WrittenResult& written);
  // Forgets old notes, a sixteenth of all at a time.
  Status Tidy();

 private:
  ObjectStore& store_;
  Clock& clock_;
};

}  // namespace gnosis
