#include "base/text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace gnosis {
namespace {

constexpr std::string_view kBlanks = " \t";

char LowerCaseOf(char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; }

bool IsAlphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

}  // namespace

std::string_view Trim(std::string_view text) {
  const size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::string LowerCase(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), LowerCaseOf);
  return lower;
}

bool EqualsIgnoreCase(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return LowerCaseOf(x) == LowerCaseOf(y); });
}

std::string PercentEncode(std::string_view text, std::string_view others) {
  std::string encoded;
  for (const char c : text) {
    if (IsAlphanumeric(c) || others.find(c) != std::string_view::npos) {
      encoded += c;
    } else {
      encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return encoded;
}

std::string OneOf(std::span<const std::string_view> names) {
  const auto but_the_last = names.first(names.size() - 1);
  if (but_the_last.empty()) return std::string(names.back());
  return fmt::format("{} or {}", fmt::join(but_the_last, ", "), names.back());
}

}  // namespace gnosis
