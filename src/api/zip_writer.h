// A ZIP archive that is generated while it is written, without being held in memory.
//
// Usage: Begin and Data for each file, one after the other, then Finish. The same files give the
// same bytes (on one machine: ZIP contains local time as well as UTC).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "output/output_writer.h"

namespace gnosis {

class ZipWriter {
 public:
  virtual ~ZipWriter() = default;
  // `name` in ASCII, with '/' between folders. Errors: those of the sink; kInternal.
  virtual Status Begin(const std::string& name, uint64_t size_bytes) = 0;
  virtual Status Data(std::string_view bytes) = 0;
  virtual Status Finish() = 0;
};

// The timestamp of every file is `moment`.
std::unique_ptr<ZipWriter> NewZipWriter(Sink sink, Time moment);

}  // namespace gnosis
