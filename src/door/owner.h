// Who somebody is: an e-mail address, in the one spelling under which their jobs are kept.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gnosis {

// The owner that an address names, however it is typed: ASCII letters in lower case. Nothing: text
// that names nobody here. An owner has exactly one '@', inside, so that no network address can be
// taken for one; only visible ASCII, so that no two owners look alike or differ by what cannot be
// seen (blanks, NUL, composed letters); and at most 254 bytes (RFC 5321).
std::optional<std::string> OwnerOf(std::string_view email);

}  // namespace gnosis
