// Parses header values of RFC 9110 and 7240: lists, Accept, Prefer, Range. Pure functions on
// untrusted text; invalid parts are ignored, as the RFCs require.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gnosis {

// For a part of a resumable upload (tus 1.0.0); other content types are rejected.
inline constexpr std::string_view kTusContentType = "application/offset+octet-stream";

// Digits only, without sign or leading zeros.
std::optional<int64_t> ParseNumber(std::string_view text);

// "a, b;q=1, \"c,d\"": the non-empty members of a list, trimmed; commas in quotes do not separate.
std::vector<std::string_view> SplitList(std::string_view text, char separator = ',');

// The quality that an Accept header gives to a media type, from 0 (not accepted) to 1. The most
// specific matching range decides. An absent header is "*/*".
double AcceptQuality(std::string_view accept, std::string_view media_type);

// The number of seconds in "wait=30" of a Prefer header.
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
// A single "bytes=" range of a body of `size_bytes`. Several ranges, other units and malformed
// headers select the whole body.
RangeChoice ChooseRange(std::string_view header, uint64_t size_bytes);

}  // namespace gnosis
