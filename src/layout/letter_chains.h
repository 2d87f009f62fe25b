// Chains of letters that follow one another in a line of text.
#pragma once

#include <vector>

#include "page/page_text.h"

namespace gnosis {

// Chains, each from the left. `letters` must be sorted by their left sides. A chain ends where the
// next letter is further away than about `letter_height`: it may be only part of a line, but it
// never spans two columns.
std::vector<std::vector<Box>> ChainLetters(const std::vector<Box>& letters, double letter_height);

// Groups chains that are side by side, also across columns. Each group lists the numbers of its
// chains, from the left.
std::vector<std::vector<size_t>> GroupChains(const std::vector<std::vector<Box>>& chains,
                                             double letter_height);

}  // namespace gnosis
