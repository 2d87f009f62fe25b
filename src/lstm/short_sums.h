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

constexpr int kShortSumLimit = 128;
constexpr int kSegmentGroups = 4;
constexpr int kSegmentInputs = kSegmentGroups * kGroupInputs;
// Four spare weights for each of eight rows, then the inputs of the segment (0 to 15) they are for.
constexpr int kSpareBytes = 2 * kGroupBytes;
constexpr int kSegmentBytes = kSegmentGroups * kGroupBytes + kSpareBytes;

// The blocks of a matrix, each several times eight rows ("gates"), in segments of 16 inputs.
//
// Of a row, the first two and the last two weights of a group make a pair, and so do spare weights.
// Summed in 16 bits are the same pairs of a segment's groups 0 and 1, those of its groups 2 and 3,
// and each pair of spare weights. Where these are not enough, more of them come apart.
struct ShortSums {
  int segments = 0;               // of a block
  AlignedVector<int8_t> weights;  // blocks x segments x gates x kSegmentBytes

  std::vector<int> first_more;         // by block: its first ones; and the end
  std::vector<int> more_input;         // the first input of their segment
  AlignedVector<int8_t> more_weights;  // each gates x kSpareBytes
};

// Of weights in groups, as in kernels.h: block by block, of each `groups` x `gates` x 8 x 4 bytes;
// `block_bytes` from one block to the next. Segments may reach up to 12 inputs beyond the last one,
// with weights of 0.
ShortSums PackShortSums(const int8_t* weights, int blocks, size_t block_bytes, int groups,
                        int gates);

}  // namespace gnosis
