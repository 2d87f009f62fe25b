// What a caller says about pages and languages. What parses survives being written and parsed
// again, and selects only pages that there are.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "page/page_options.h"
#include "session/page_ranges.h"

namespace {

void CheckRanges(std::string_view text) {
  const auto ranges = gnosis::ParsePageRanges(text);
  if (!ranges.ok()) {
    GNOSIS_CHECK(!ranges.error().message.empty());
    return;
  }
  const auto again = gnosis::ParsePageRanges(gnosis::FormatPageRanges(*ranges));
  GNOSIS_CHECK(again.ok() && *again == *ranges);
  const auto pages = gnosis::SelectPages(*ranges, 100);
  if (!pages.ok()) return;
  int last = 0;
  for (const int page : *pages) {
    GNOSIS_CHECK(page > last && page <= 100);
    last = page;
  }
}

void CheckLanguages(std::string_view text) {
  const auto languages = gnosis::ParseLanguages(text);
  if (languages.ok()) GNOSIS_CHECK(gnosis::JoinLanguages(*languages) == text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  CheckRanges(text);
  CheckLanguages(text);
  return 0;
}
