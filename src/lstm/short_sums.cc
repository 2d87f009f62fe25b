#include "lstm/short_sums.h"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace gnosis {
namespace {

constexpr size_t kPair = 2;

using RowWeights = std::array<int8_t, kSegmentInputs>;

// The remaining capacity of a 16-bit sum for each sign.
class Room {
 public:
  // Returns the part of the weight that fits.
  int8_t Take(int8_t weight) {
    int& left = weight > 0 ? above_ : below_;
    const int taken = std::clamp<int>(weight, -left, left);
    left -= std::abs(taken);
    return int8_t(taken);
  }

 private:
  int above_ = kShortSumLimit;
  int below_ = kShortSumLimit;
};

// Moves from `weights` to `kept` what fits one sum, of the pair at `first` and the same pair of the
// next group; the smallest first, so that few weights are left over.
void KeepPairs(size_t first, RowWeights& weights, RowWeights& kept) {
  std::array<size_t, 4> inputs = {first, first + 1, first + kGroupInputs, first + kGroupInputs + 1};
  std::sort(inputs.begin(), inputs.end(),
            [&](size_t a, size_t b) { return std::abs(weights[a]) < std::abs(weights[b]); });
  Room room;
  for (const size_t input : inputs) {
    kept[input] = room.Take(weights[input]);
    weights[input] = int8_t(weights[input] - kept[input]);
  }
}

// Writes the groups of one row of a segment and removes them from its weights.
void WriteGroups(RowWeights& weights, int8_t* to) {
  RowWeights kept{};
  for (const size_t half : {size_t{0}, weights.size() / 2}) {
    for (size_t pair = 0; pair < kGroupInputs; pair += kPair) KeepPairs(half + pair, weights, kept);
  }
  for (size_t i = 0; i < kept.size(); i += kGroupInputs, to += kGroupBytes) {
    std::copy_n(&kept[i], kGroupInputs, to);
  }
}

// Writes the spare weights of one row and removes them from its weights.
void WriteSpare(RowWeights& weights, int8_t* to) {
  size_t place = 0;
  std::array<Room, kGroupInputs / kPair> rooms;
  for (size_t input = 0; input < weights.size() && place < kGroupInputs; ++input) {
    while (weights[input] != 0 && place < kGroupInputs) {
      to[place] = rooms[place / kPair].Take(weights[input]);
      to[place + kGroupBytes] = int8_t(input);
      weights[input] = int8_t(weights[input] - to[place]);
      ++place;
    }
  }
}

// The weights of a row in `groups` groups, `stride` bytes apart; the rest is 0.
RowWeights WeightsOf(const int8_t* weights, int groups, size_t stride) {
  RowWeights row{};
  for (int group = 0; group < std::min(groups, kSegmentGroups); ++group) {
    std::copy_n(weights + size_t(group) * stride, kGroupInputs, row.begin() + group * kGroupInputs);
  }
  return row;
}

// Adds spare weights until all of `rows`, whose segment starts at `input`, are 0.
void AppendMore(std::vector<RowWeights> rows, int input, ShortSums& sums) {
  const auto is_nothing = [](const RowWeights& row) { return row == RowWeights{}; };
  while (!std::all_of(rows.begin(), rows.end(), is_nothing)) {
    const size_t at = sums.more_weights.size();
    sums.more_input.push_back(input);
    sums.more_weights.resize(at + rows.size() / kBlockRows * kSpareBytes);
    for (size_t i = 0; i < rows.size(); ++i) {
      WriteSpare(
          rows[i],
          &sums.more_weights[at + i / kBlockRows * kSpareBytes + i % kBlockRows * kGroupInputs]);
    }
  }
}

}  // namespace

ShortSums PackShortSums(const int8_t* weights, int blocks, size_t block_bytes, int groups,
                        int gates) {
  const size_t stride = size_t(gates) * kGroupBytes;
  ShortSums sums{.segments = (groups + kSegmentGroups - 1) / kSegmentGroups};
  sums.weights.resize(size_t(blocks) * size_t(sums.segments) * size_t(gates) * kSegmentBytes);
  int8_t* to = sums.weights.data();
  for (int block = 0; block < blocks; ++block) {
    sums.first_more.push_back(int(sums.more_input.size()));
    for (int group = 0; group < groups; group += kSegmentGroups) {
      const int8_t* from = weights + size_t(block) * block_bytes + size_t(group) * stride;
      std::vector<RowWeights> rows;
      for (int gate = 0; gate < gates; ++gate, to += kSegmentBytes) {
        for (int row = 0; row < kBlockRows; ++row, from += kGroupInputs) {
          rows.push_back(WeightsOf(from, groups - group, stride));
          WriteGroups(rows.back(), to + row * kGroupInputs);
          WriteSpare(rows.back(), to + kSegmentGroups * kGroupBytes + row * kGroupInputs);
        }
      }
      AppendMore(std::move(rows), group * kGroupInputs, sums);
    }
  }
  sums.first_more.push_back(int(sums.more_input.size()));
  return sums;
}

}  // namespace gnosis
