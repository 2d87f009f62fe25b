#include "session/page_ranges.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace gnosis {
namespace {

constexpr size_t kMaxRanges = 1000;
constexpr size_t kMaxPageDigits = 9;  // any such number is below kToTheEnd
constexpr std::string_view kHint = "write pages as in \"1-3,7,12-\"";

Error BadRange(std::string_view range, std::string_view why) {
  constexpr size_t kShownCharacters = 40;
  return Error{
      ErrorCode::kInvalidArgument,
      fmt::format("pages: \"{}\" is not a page range: {}", range.substr(0, kShownCharacters), why),
      std::string(kHint)};
}

std::string_view WithoutBlanksAround(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// A page number; `if_empty` when `digits` is empty, nothing when it is not a number.
std::optional<int> ParsePage(std::string_view digits, int if_empty) {
  if (digits.empty()) return if_empty;
  if (digits.size() > kMaxPageDigits) return std::nullopt;
  int page = 0;
  for (const char digit : digits) {
    if (digit < '0' || digit > '9') return std::nullopt;
    page = page * 10 + (digit - '0');
  }
  return page;
}

Result<PageRange> ParseRange(std::string_view text) {
  if (text.empty()) return BadRange(text, "there is nothing between two commas");
  const size_t dash = text.find('-');
  const bool is_one_page = dash == std::string_view::npos;
  if (text == "-") return BadRange(text, "a number is missing");
  const auto first = ParsePage(text.substr(0, dash), 1);
  const auto last = is_one_page ? first : ParsePage(text.substr(dash + 1), kToTheEnd);
  if (!first || !last) {
    return BadRange(text, "only numbers of up to 9 digits, '-' and ',' are allowed here");
  }
  if (*first < 1 || *last < 1) return BadRange(text, "page numbers start at 1");
  if (*last < *first) return BadRange(text, "the range is reversed");
  return PageRange{*first, *last};
}

std::string FormatRange(const PageRange& range) {
  if (range.last == kToTheEnd) return fmt::format("{}-", range.first);
  if (range.first == range.last) return fmt::to_string(range.first);
  return fmt::format("{}-{}", range.first, range.last);
}

}  // namespace

Result<std::vector<PageRange>> ParsePageRanges(std::string_view text) {
  std::vector<PageRange> ranges;
  if (WithoutBlanksAround(text).empty()) return ranges;
  for (size_t begin = 0; begin <= text.size();) {
    if (ranges.size() == kMaxRanges) {
      return Error{ErrorCode::kInvalidArgument,
                   fmt::format("pages: more than {} ranges", kMaxRanges), std::string(kHint)};
    }
    const size_t end = std::min(text.find(',', begin), text.size());
    ASSIGN_OR_RETURN(const PageRange range,
                     ParseRange(WithoutBlanksAround(text.substr(begin, end - begin))));
    ranges.push_back(range);
    begin = end + 1;
  }
  return ranges;
}

std::string FormatPageRanges(const std::vector<PageRange>& ranges) {
  std::string text;
  for (const PageRange& range : ranges) {
    if (!text.empty()) text += ',';
    text += FormatRange(range);
  }
  return text;
}

Result<std::vector<int>> SelectPages(const std::vector<PageRange>& ranges, int page_count) {
  if (page_count < 1) return Error{ErrorCode::kNoPages, "the document has no pages", ""};
  std::vector<bool> is_selected(size_t(page_count) + 1, ranges.empty());
  for (const PageRange& range : ranges) {
    const int last = std::min(range.last, page_count);
    for (int page = std::max(range.first, 1); page <= last; ++page)
      is_selected[size_t(page)] = true;
  }
  std::vector<int> pages;
  for (int page = 1; page <= page_count; ++page) {
    if (is_selected[size_t(page)]) pages.push_back(page);
  }
  if (!pages.empty()) return pages;
  return Error{ErrorCode::kNoPages,
               fmt::format("none of the pages {} exist: the document has {}",
                           FormatPageRanges(ranges), page_count),
               "choose pages that exist, or leave out the page ranges to process all"};
}

}  // namespace gnosis
