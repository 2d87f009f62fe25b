// Small functions on ASCII text.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace gnosis {

// Without spaces and tabs at either end.
std::string_view Trim(std::string_view text);
// A to Z; every other byte stays as it is.
std::string LowerCase(std::string_view text);
bool EqualsIgnoreCase(std::string_view a, std::string_view b);
// Letters, digits and `others` stay, any other byte is escaped as in "%2F" (RFC 3986, whose
// unreserved characters are the default).
std::string PercentEncode(std::string_view text, std::string_view others = "-._~");
// "auto, force or skip"; there must be one.
std::string OneOf(std::span<const std::string_view> names);

}  // namespace gnosis
