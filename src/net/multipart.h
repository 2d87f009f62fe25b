// multipart/form-data (RFC 7578), read as a stream, in constant memory.
//
// The life of a reader: Make, Feed for every piece of the body, Finish when there is no more. For
// each part on_part, then on_data any number of times, then on_part_end. After an error it stays
// failed and returns the same error again.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace gnosis {

struct PartHead {
  std::string name;                      // of the form field
  std::optional<std::string> file_name;  // a file, if given
  std::string content_type;              // as sent; empty: none
};

class MultipartReader {
 public:
  // Errors of the callbacks stop reading. Part headers are limited to 8 KiB, parts to 100
  // (kTooLarge).
  struct Callbacks {
    std::function<Status(const PartHead&)> on_part;
    std::function<Status(std::string_view)> on_data;
    std::function<Status()> on_part_end;
  };
  // kInvalidArgument: not multipart/form-data, or no usable boundary.
  static Result<std::unique_ptr<MultipartReader>> Make(std::string_view content_type,
                                                       Callbacks callbacks);
  virtual ~MultipartReader() = default;
  virtual Status Feed(std::string_view bytes) = 0;  // kInvalidArgument: malformed
  virtual Status Finish() = 0;  // kInvalidArgument: the closing boundary is missing
};

}  // namespace gnosis
