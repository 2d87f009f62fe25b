// Case-insensitive text, for searching by name.
#pragma once

#include <string>
#include <string_view>

namespace gnosis {

// UTF-8 with all letters of Latin (Basic, Latin-1, Extended-A, Extended Additional), Greek and
// Cyrillic in lower case, one character for one (Unicode's simple case folding: the German sharp s
// stays one letter). Accents are significant; composed and decomposed forms are different. Bytes
// that are not UTF-8 are unchanged.
std::string FoldCase(std::string_view text);

}  // namespace gnosis
