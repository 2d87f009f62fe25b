// External text as UTF-8: strict checks (RFC 3629: no overlong forms, no surrogates, nothing above
// U+10FFFF) for input, repair for output.
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

// Replaces each invalid byte by U+FFFD and removes what IsPrintable rejects.
std::string CleanText(std::string_view text);
// Likewise, and without white space. The result may be empty.
std::string CleanWord(std::string_view text);
// A file's name without folders (of any operating system), cleaned: for display, never a path.
std::string BareFileName(std::string_view name);
// The longest prefix of at most `max_bytes` that does not end inside a character.
std::string_view CutText(std::string_view text, size_t max_bytes);

}  // namespace gnosis
