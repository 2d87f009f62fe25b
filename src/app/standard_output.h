// Standard output as something that can be full, closed, or read by somebody who is slow.
#pragma once

#include <functional>
#include <string_view>

#include "base/file.h"
#include "base/result.h"

namespace gnosis {

// Before anything is opened: a standard stream that was closed would become the next file that is,
// and text would go into a session's files. Writing to one that was closed fails instead.
void OccupyStandardStreams();

class StandardOutput {
 public:
  // `keep_waiting` is asked about every quarter of a second while the reader of `fd` takes nothing;
  // its error ends the waiting.
  StandardOutput(int fd, std::function<Status()> keep_waiting)
      : fd_(fd), keep_waiting_(std::move(keep_waiting)) {}

  // kGone: who read it has closed it.
  Status Write(std::string_view text);
  // All that was written is where it stays: on disk, when it is a file.
  Status Finish();

 private:
  Status WaitUntilWritable();

  const int fd_;
  const std::function<Status()> keep_waiting_;
};

}  // namespace gnosis
