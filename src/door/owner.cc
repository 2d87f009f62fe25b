#include "door/owner.h"

#include <algorithm>

namespace gnosis {
namespace {

constexpr size_t kMaxBytes = 254;

bool IsVisible(char c) { return c > ' ' && c < '\x7f' && c != '"'; }

}  // namespace

std::optional<std::string> OwnerOf(std::string_view email) {
  const size_t at = email.find('@');
  if (email.size() > kMaxBytes || at == std::string_view::npos || at == 0 ||
      at == email.size() - 1 || email.find('@', at + 1) != std::string_view::npos ||
      !std::all_of(email.begin(), email.end(), IsVisible)) {
    return std::nullopt;
  }
  std::string owner(email);
  for (char& c : owner) c = c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c;
  return owner;
}

}  // namespace gnosis
