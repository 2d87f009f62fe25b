// Weights packed so that products of several inputs can be added in 16 bits before being widened to
// 32, which saves AVX2 most of the widening and all sign handling.
//
// As long as the positive weights of a sum add up to at most 128, and so do the negative ones, it
// fits 16 bits for any input, because inputs are unsigned bytes: 255 x 128 < 2^15. Weights that
// exceed this go to spare slots of their row.
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
// Four spare weights for each of eight rows, then the inputs of the segment (0 to 15) that they
// apply to.
constexpr int kSpareBytes = 2 * kGroupBytes;
constexpr int kSegmentBytes = kSegmentGroups * kGroupBytes + kSpareBytes;

// The blocks of a matrix, each with several times eight rows ("gates"), in segments of 16 inputs.
//
// In a row, the first two and the last two weights of a group form a pair, and so do spare weights.
// The sums in 16 bits are: the same pair of groups 0 and 1 of a segment, the same pair of groups 2
// and 3, and each pair of spare weights. If the spare weights do not suffice, more of them are
// stored separately.
struct ShortSums {
  int segments = 0;               // per block
  AlignedVector<int8_t> weights;  // blocks x segments x gates x kSegmentBytes

  std::vector<int> first_more;         // by block: index of its first entry; then the end
  std::vector<int> more_input;         // the first input of their segment
  AlignedVector<int8_t> more_weights;  // each gates x kSpareBytes
};

// Packs weights in groups as in kernels.h: each block has `groups` x `gates` x 8 x 4 bytes and
// starts `block_bytes` after the one before. Segments may extend up to 12 inputs beyond the last
// one, with weights of 0.
ShortSums PackShortSums(const int8_t* weights, int blocks, size_t block_bytes, int groups,
                        int gates);

}  // namespace gnosis
