// Leaders: the rows of dots that lead from an entry to its page number.
#pragma once

#include <vector>

#include "layout/ink_pieces.h"

namespace gnosis {

// The dots of all leaders: at least six small pieces of one size, evenly spaced on one line. Models
// read letters into them.
std::vector<Box> FindLeaderDots(const std::vector<InkPiece>& pieces);

}  // namespace gnosis
