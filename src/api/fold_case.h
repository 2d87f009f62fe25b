// Text without regard to case, for finding things by name.
#pragma once

#include <string>
#include <string_view>

namespace gnosis {

// UTF-8 with every letter of Latin (Basic, Latin-1, Extended-A, Extended Additional), Greek and
// Cyrillic in lower case, one character for one (Unicode's simple case folding: the German sharp s
// stays one letter). Accents count; composed and decomposed ones are not the same. Bytes that are
// not UTF-8 stay as they are.
std::string FoldCase(std::string_view text);

}  // namespace gnosis
