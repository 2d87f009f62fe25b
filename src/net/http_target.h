// The target of a request line (RFC 9112 section 3.2, RFC 3986), taken apart.
//
// Decoding happens once, after the splitting: an encoded "/" stays inside its segment, and a
// segment ".." is handed on as it is, never resolved. The result is always UTF-8 without NUL.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace gnosis {

struct HttpTarget {
  std::optional<std::string> authority;      // of "http://authority/path", the form sent to a proxy
  std::string path;                          // decoded, starts with '/'
  std::vector<std::string> segments;         // "/a/b/" has three, the last one empty; "/" has one
  std::map<std::string, std::string> query;  // decoded; the first of several equal names wins
};

inline constexpr size_t kMaxTargetBytes = 8 << 10;

// kTooLarge above `max_bytes`; kInvalidArgument for anything else that is wrong.
Result<HttpTarget> ParseTarget(std::string_view target, size_t max_bytes = kMaxTargetBytes);

enum class Plus { kIsPlus, kIsBlank };  // a query writes a space as "+"
// kInvalidArgument: a broken escape, a NUL, or not UTF-8.
Result<std::string> PercentDecode(std::string_view text, Plus plus);

}  // namespace gnosis
