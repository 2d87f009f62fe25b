// Weights packed so that products of several inputs can be added up in 16 bits before they are
// widened to 32, which spares AVX2 most of the widening and all signs.
//
// Inputs are unsigned bytes. As long as the positive weights of a sum are 128 together at most, and
// the negative ones too, it fits 16 bits whatever the inputs are: 255 x 128 < 2^15. Weights that
// are too much for their sum go to spare places of their row.
#pragma once

#include <cstdint>
#include <vector>

#include "lstm/aligned.h"

namespace gnosis {

constexpr int kBlockRows = 8;
constexpr int kGroupInputs = 4;
constexpr int kGroupBytes = kBlockRows * kGroupInputs;

constexpr int kSegmentGroups = 4;
constexpr int kSegmentInputs = kSegmentGroups * kGroupInputs;
constexpr int kShortSumLimit = 128;
// Of a segment for eight rows: its four groups, then the spare weights, then the inputs (0 to 15)
// that these are for.
constexpr int kSegmentBytes = (kSegmentGroups + 2) * kGroupBytes;

// The blocks of a matrix, each several times eight rows ("gates"). Of a row, the first two and the
// last two weights of each group make a pair; summed in 16 bits are the same pairs of the groups 0
// and 1, those of the groups 2 and 3, and each pair of spare weights. Where four spare weights of a
// row are not enough, a segment comes again with the rest.
struct ShortSums {
  std::vector<int> first;         // by block: its first segment; and the end
  std::vector<int> input;         // by segment: the first of its 16 inputs
  AlignedVector<int8_t> weights;  // segments x gates x kSegmentBytes
};

// Of weights in groups, as in kernels.h: block by block, of each `groups` x `gates` x 8 x 4 bytes;
// `block_bytes` from one block to the next. Segments may reach up to 12 inputs beyond the last one,
// with weights of 0.
ShortSums PackShortSums(const int8_t* weights, int blocks, size_t block_bytes, int groups,
                        int gates);

}  // namespace gnosis
