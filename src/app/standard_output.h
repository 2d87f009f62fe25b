// Standard output that may be full, closed, or have a slow reader.
#pragma once

#include <functional>
#include <string_view>

#include "base/file.h"
#include "base/result.h"

namespace gnosis {

// Call before anything is opened: the next file opened would get the number of a closed standard
// stream, and text would be written into a session's files. Afterwards writing to a closed stream
// fails instead.
void OccupyStandardStreams();

class StandardOutput {
 public:
  // `keep_waiting` is called about every quarter of a second while the reader of `fd` accepts
  // nothing; its error ends the waiting.
  StandardOutput(int fd, std::function<Status()> keep_waiting)
      : fd_(fd), keep_waiting_(std::move(keep_waiting)) {}

  // kGone: the reader has closed it.
  Status Write(std::string_view text);
  // Everything written has reached its destination: the disk, if it is a file.
  Status Finish();

 private:
  Status WaitUntilWritable();

  const int fd_;
  const std::function<Status()> keep_waiting_;
};

}  // namespace gnosis
