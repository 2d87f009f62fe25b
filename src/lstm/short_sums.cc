#include "lstm/short_sums.h"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace gnosis {
namespace {

constexpr int kPairsInGroup = 2;
constexpr int kSpareWeights = 4;

using RowWeights = std::array<int8_t, kSegmentInputs>;

// The weights of one row of a segment.
class SegmentRow {
 public:
  explicit SegmentRow(const RowWeights& weights) : kept_(weights) {
    for (int half = 0; half < kSegmentInputs; half += kSegmentInputs / 2) {
      for (int pair = 0; pair < kPairsInGroup; ++pair) {
        const int at = half + 2 * pair;
        const std::array<int, 4> inputs = {at, at + 1, at + kGroupInputs, at + kGroupInputs + 1};
        Relieve(inputs, 1);
        Relieve(inputs, -1);
      }
    }
  }

  const RowWeights& rest() const { return rest_; }

  // Into row `row` of a packed segment.
  void Write(int row, int8_t* segment) const {
    int8_t* group = segment + row * kGroupInputs;
    for (int i = 0; i < kSegmentInputs; i += kGroupInputs, group += kGroupBytes) {
      std::copy_n(kept_.begin() + i, kGroupInputs, group);
    }
    std::copy(spare_.begin(), spare_.end(), group);
    std::copy(spare_inputs_.begin(), spare_inputs_.end(), group + kGroupBytes);
  }

 private:
  // Takes from the largest weights of a sign what is too much of them.
  void Relieve(const std::array<int, 4>& inputs, int sign) {
    const auto size_of = [&](int input) { return std::max(0, sign * kept_[size_t(input)]); };
    int too_much = -kShortSumLimit;
    for (const int input : inputs) too_much += size_of(input);
    while (too_much > 0) {
      const int largest = *std::max_element(inputs.begin(), inputs.end(),
                                            [&](int a, int b) { return size_of(a) < size_of(b); });
      const int amount = std::min(too_much, size_of(largest));
      kept_[size_t(largest)] = int8_t(kept_[size_t(largest)] - sign * amount);
      if (!IntoSpare(largest, sign * amount)) {
        rest_[size_t(largest)] = int8_t(rest_[size_t(largest)] + sign * amount);
      }
      too_much -= amount;
    }
  }

  bool IntoSpare(int input, int weight) {
    for (size_t i = 0; i < kSpareWeights; ++i) {
      const int other = spare_[i ^ 1];  // of the same pair
      const bool fits = other * weight < 0 || std::abs(other + weight) <= kShortSumLimit;
      if (spare_[i] != 0 || !fits) continue;
      spare_[i] = int8_t(weight);
      spare_inputs_[i] = int8_t(input);
      return true;
    }
    return false;
  }

  RowWeights kept_;
  RowWeights rest_{};
  std::array<int8_t, kSpareWeights> spare_{};
  std::array<int8_t, kSpareWeights> spare_inputs_{};
};

// Weights in groups, `groups` of them and `stride` bytes apart; beyond them there is nothing.
RowWeights WeightsOf(const int8_t* weights, int groups, size_t stride) {
  RowWeights row{};
  for (int group = 0; group < std::min(groups, kSegmentGroups); ++group) {
    std::copy_n(weights + size_t(group) * stride, kGroupInputs, row.begin() + group * kGroupInputs);
  }
  return row;
}

// Appends segments until nothing is left of `rows`, which have the same inputs.
void AppendSegments(std::vector<RowWeights> rows, int input, ShortSums& sums) {
  const auto is_nothing = [](const RowWeights& row) { return row == RowWeights{}; };
  do {
    const size_t at = sums.weights.size();
    sums.input.push_back(input);
    sums.weights.resize(at + rows.size() / kBlockRows * kSegmentBytes);
    for (size_t i = 0; i < rows.size(); ++i) {
      const SegmentRow row(rows[i]);
      row.Write(int(i % kBlockRows),
                sums.weights.data() + at + i / kBlockRows * size_t{kSegmentBytes});
      rows[i] = row.rest();
    }
  } while (!std::all_of(rows.begin(), rows.end(), is_nothing));
}

}  // namespace

ShortSums PackShortSums(const int8_t* weights, int blocks, size_t block_bytes, int groups,
                        int gates) {
  const size_t stride = size_t(gates) * kGroupBytes;
  ShortSums sums;
  for (int block = 0; block < blocks; ++block) {
    sums.first.push_back(int(sums.input.size()));
    for (int group = 0; group < groups; group += kSegmentGroups) {
      const int8_t* from = weights + size_t(block) * block_bytes + size_t(group) * stride;
      std::vector<RowWeights> rows;
      for (int row = 0; row < gates * kBlockRows; ++row) {
        rows.push_back(WeightsOf(from + row * kGroupInputs, groups - group, stride));
      }
      AppendSegments(std::move(rows), group * kGroupInputs, sums);
    }
  }
  sums.first.push_back(int(sums.input.size()));
  return sums;
}

}  // namespace gnosis
