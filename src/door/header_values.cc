#include "door/header_values.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace gnosis {
namespace {

std::optional<uint64_t> Digits(std::string_view text) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return number;
}

// The value of a "name=value" parameter.
std::optional<std::string_view> Parameter(std::string_view text, std::string_view name) {
  const size_t equals = text.find('=');
  if (equals == std::string_view::npos) return std::nullopt;
  if (!EqualsIgnoreCase(Trim(text.substr(0, equals)), name)) return std::nullopt;
  std::string_view value = Trim(text.substr(equals + 1));
  if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
    value = value.substr(1, value.size() - 2);
  }
  return value;
}

// A qvalue: "1", "0.7", at most three decimals. Anything else counts as 0.
double Quality(std::string_view text) {
  const bool valid = !text.empty() && text.size() <= 5 && (text[0] == '0' || text[0] == '1') &&
                     (text.size() == 1 || text[1] == '.') &&
                     std::all_of(text.begin(), text.end(),
                                 [](char c) { return c == '.' || (c >= '0' && c <= '9'); });
  if (!valid) return 0;
  double value = text[0] - '0';
  double scale = 0.1;
  for (const char c : text.substr(std::min<size_t>(2, text.size()))) {
    if (c == '.') return 0;
    value += (c - '0') * scale;
    scale /= 10;
  }
  return std::min(value, 1.0);
}

// 0: no match; 1: */*; 2: text/*; 3: text/plain.
int Specificity(std::string_view range, std::string_view media_type) {
  if (range == "*/*") return 1;
  if (EqualsIgnoreCase(range, media_type)) return 3;
  if (!range.ends_with("/*")) return 0;
  const std::string_view type = range.substr(0, range.size() - 1);
  const bool fits =
      media_type.size() > type.size() && EqualsIgnoreCase(media_type.substr(0, type.size()), type);
  return fits ? 2 : 0;
}

RangeChoice Part(uint64_t first, uint64_t last, uint64_t size_bytes) {
  if (first >= size_bytes) return {RangeVerdict::kUnsatisfiable, {}};
  last = std::min(last, size_bytes - 1);
  return {RangeVerdict::kPart, {first, last - first + 1}};
}

RangeChoice Tail(uint64_t wanted, uint64_t size_bytes) {
  if (wanted == 0 || size_bytes == 0) return {RangeVerdict::kUnsatisfiable, {}};
  const uint64_t size = std::min(wanted, size_bytes);
  return {RangeVerdict::kPart, {size_bytes - size, size}};
}

}  // namespace

std::vector<std::string_view> SplitList(std::string_view text, char separator) {
  std::vector<std::string_view> members;
  size_t start = 0;
  bool quoted = false;
  const auto take = [&](size_t end) {
    if (const auto member = Trim(text.substr(start, end - start)); !member.empty()) {
      members.push_back(member);
    }
    start = end + 1;
  };
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') quoted = !quoted;
    if (text[i] == separator && !quoted) take(i);
  }
  if (start <= text.size()) take(text.size());
  return members;
}

double AcceptQuality(std::string_view accept, std::string_view media_type) {
  if (Trim(accept).empty()) return 1;
  double quality = 0;
  int best = 0;
  for (const std::string_view member : SplitList(accept)) {
    const auto parts = SplitList(member, ';');
    const int specificity = parts.empty() ? 0 : Specificity(parts[0], media_type);
    if (specificity <= best) continue;
    best = specificity;
    quality = 1;
    for (size_t i = 1; i < parts.size(); ++i) {
      if (const auto q = Parameter(parts[i], "q")) quality = Quality(*q);
    }
  }
  return quality;
}

std::optional<int64_t> PreferredWait(std::string_view prefer) {
  for (const std::string_view member : SplitList(prefer)) {
    const auto parts = SplitList(member, ';');
    const auto value = parts.empty() ? std::nullopt : Parameter(parts[0], "wait");
    if (!value) continue;
    const auto seconds = Digits(*value);
    if (seconds && *seconds <= uint64_t(INT64_MAX)) return int64_t(*seconds);
  }
  return std::nullopt;
}

RangeChoice ChooseRange(std::string_view header, uint64_t size_bytes) {
  constexpr std::string_view kUnit = "bytes=";
  if (header.size() < kUnit.size() || !EqualsIgnoreCase(header.substr(0, kUnit.size()), kUnit)) {
    return {};
  }
  const auto ranges = SplitList(header.substr(kUnit.size()));
  if (ranges.size() != 1) return {};
  const size_t dash = ranges[0].find('-');
  if (dash == std::string_view::npos) return {};
  const std::string_view from = Trim(ranges[0].substr(0, dash));
  const std::string_view to = Trim(ranges[0].substr(dash + 1));
  const auto first = Digits(from);
  const auto last = Digits(to);
  if (from.empty()) return last ? Tail(*last, size_bytes) : RangeChoice{};
  if (!first || (!to.empty() && !last) || (last && *last < *first)) return {};
  return Part(*first, last.value_or(UINT64_MAX), size_bytes);
}

std::optional<int64_t> ParseNumber(std::string_view text) {
  if (text.empty() || text.front() < '0' || text.front() > '9') return std::nullopt;
  if (text.size() > 1 && text.front() == '0') return std::nullopt;
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace gnosis
