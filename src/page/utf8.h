// Text from outside as UTF-8: strict checks (RFC 3629: no overlong forms, no surrogates, nothing
// above U+10FFFF) for whoever reads it, and mending for whoever makes it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace gnosis {

bool IsUtf8(std::string_view text);
// UTF-8 without control characters (C0, DEL, C1) and noncharacters: safe in a log line, JSON, XML.
bool IsPrintable(std::string_view text);
// Printable, not empty, no white space (Unicode's White_Space property).
bool IsWord(std::string_view text);

// Each bad byte becomes U+FFFD; what IsPrintable refuses is left out.
std::string CleanText(std::string_view text);
// Likewise, without white space. May come out empty.
std::string CleanWord(std::string_view text);
// A file's name without the folders before it (of any system), clean: to be shown, never a path.
std::string BareFileName(std::string_view name);
// The longest start of at most `max_bytes` that does not end inside a character.
std::string_view CutText(std::string_view text, size_t max_bytes);

}  // namespace gnosis
