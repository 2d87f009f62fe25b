// Base64 in both alphabets (RFC 4648).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gnosis {

std::string Base64(std::string_view bytes);     // with padding
std::string Base64Url(std::string_view bytes);  // - and _, without padding
// Nothing unless `text` is exactly what the functions above produce.
std::optional<std::string> FromBase64(std::string_view text);
std::optional<std::string> FromBase64Url(std::string_view text);

}  // namespace gnosis
