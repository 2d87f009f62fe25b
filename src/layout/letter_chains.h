// Letters that follow one another in a line of text.
#pragma once

#include <vector>

#include "page/page_text.h"

namespace gnosis {

// Each chain from the left. `letters` must be in the order of their left sides. A chain ends where
// the next letter is further away than `letter_height` or so: it may be a part of a line only, but
// never belongs to two columns.
std::vector<std::vector<Box>> ChainLetters(const std::vector<Box>& letters, double letter_height);

// Chains that stand beside one another, also in columns side by side: the numbers of the chains of
// each such group, from the left.
std::vector<std::vector<size_t>> GroupChains(const std::vector<std::vector<Box>>& chains,
                                             double letter_height);

}  // namespace gnosis
