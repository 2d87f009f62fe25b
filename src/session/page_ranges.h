// "1-3,7": which pages of a document.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace gnosis {

struct PageRange {
  int first = 1;
  int last = 1;  // kToTheEnd for "7-"
  bool operator==(const PageRange&) const = default;
};
inline constexpr int kToTheEnd = 2'000'000'000;

// "3", "1-3", "7-", "-4" (1 to 4), joined by commas, spaces allowed around them. "" is {} (all
// pages). At most 1,000 ranges; a page below 1, a reversed range, or any other character is
// kInvalidArgument.
Result<std::vector<PageRange>> ParsePageRanges(std::string_view text);
std::string FormatPageRanges(const std::vector<PageRange>& ranges);
// The pages of 1..page_count that are in `ranges` ({} = all), ascending, each once. kNoPages when
// there is none, naming how many pages the document has.
Result<std::vector<int>> SelectPages(const std::vector<PageRange>& ranges, int page_count);

}  // namespace gnosis
