// Random identifiers.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gnosis {

// RFC 9562 version 4, lower case, from the operating system's random numbers.
std::string RandomUuid();
// Version 8, the same for the same text: made from an Idempotency-Key.
std::string UuidFromText(std::string_view text);
bool IsUuid(std::string_view text);
// `digits` lower-case hexadecimal digits.
std::string RandomHex(int digits);

}  // namespace gnosis
