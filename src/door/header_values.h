// Header values of RFC 9110 and 7240 as values: lists, Accept, Prefer, Range. Pure functions on
// text from outside; what does not parse is left out, as the RFCs want.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gnosis {

// Of a piece of a resumable upload (tus 1.0.0); no other body is taken for one.
inline constexpr std::string_view kTusContentType = "application/offset+octet-stream";

// Digits only, without sign or leading zeros.
std::optional<int64_t> ParseNumber(std::string_view text);

// "a, b;q=1, \"c,d\"": the non-empty members of a list, trimmed; commas in quotes do not part.
std::vector<std::string_view> SplitList(std::string_view text, char separator = ',');

// How much an Accept header wants a media type: 0 (not at all) to 1. The most specific range that
// fits decides. An absent header is "*/*".
double AcceptQuality(std::string_view accept, std::string_view media_type);

// The seconds of "wait=30" in a Prefer header.
std::optional<int64_t> PreferredWait(std::string_view prefer);

struct ByteRange {
  uint64_t first = 0;
  uint64_t size_bytes = 0;
};
enum class RangeVerdict { kWhole, kPart, kUnsatisfiable };
struct RangeChoice {
  RangeVerdict verdict = RangeVerdict::kWhole;
  ByteRange range;  // of kPart
};
// A single "bytes=" range of a body of `size_bytes`. Several ranges, other units and what is not
// well-formed give the whole body.
RangeChoice ChooseRange(std::string_view header, uint64_t size_bytes);

}  // namespace gnosis
