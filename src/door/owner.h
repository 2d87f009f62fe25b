// Identifies a user by e-mail address, in the normalised form under which their jobs are stored.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gnosis {

// The owner for an address in any spelling: ASCII letters in lower case. Nothing: not a valid
// owner. An owner has exactly one '@', not at either end, so that no network address can be
// mistaken for one; only visible ASCII, so that no two owners look alike or differ in invisible
// ways (blanks, NUL, composed letters); and at most 254 bytes (RFC 5321).
std::optional<std::string> OwnerOf(std::string_view email);

}  // namespace gnosis
