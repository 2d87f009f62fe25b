#include "lstm/short_sums.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace gnosis {
namespace {

using Weights = AlignedVector<int8_t>;

Weights RandomWeights(size_t size, int largest, uint32_t seed) {
  std::mt19937 random(seed);
  std::uniform_int_distribution<int> any(-largest, largest);
  Weights weights(size);
  for (int8_t& weight : weights) weight = int8_t(any(random));
  return weights;
}

// The weights reassembled in groups.
class Unpacked {
 public:
  Unpacked(const ShortSums& sums, int blocks, int groups, int gates)
      : groups_(groups),
        gates_(gates),
        weights_(size_t(blocks) * size_t(groups) * size_t(gates) * kGroupBytes) {
    const int8_t* from = sums.weights.data();
    for (int block = 0; block < blocks; ++block) {
      for (int segment = 0; segment < sums.segments; ++segment) {
        for (int gate = 0; gate < gates; ++gate, from += kSegmentBytes) {
          AddSegment({block, gate, segment * kSegmentInputs}, from);
        }
      }
      for (int more = sums.first_more[size_t(block)]; more < sums.first_more[size_t(block) + 1];
           ++more) {
        for (int gate = 0; gate < gates; ++gate) {
          AddSpare({block, gate, sums.more_input[size_t(more)]},
                   &sums.more_weights[size_t(more * gates + gate) * kSpareBytes]);
        }
      }
    }
  }
  const Weights& weights() const { return weights_; }

 private:
  struct Place {
    int block;
    int gate;
    int first_input;
  };

  void AddSegment(const Place& place, const int8_t* segment) {
    for (int row = 0; row < kBlockRows; ++row) {
      for (int input = 0; input < kSegmentInputs; ++input) {
        Add(place, row, input,
            segment[input / kGroupInputs * kGroupBytes + row * kGroupInputs +
                    input % kGroupInputs]);
      }
    }
    AddSpare(place, segment + kSegmentGroups * kGroupBytes);
  }
  void AddSpare(const Place& place, const int8_t* spare) {
    for (int i = 0; i < kGroupBytes; ++i) {
      Add(place, i / kGroupInputs, spare[kGroupBytes + i], spare[i]);
    }
  }
  void Add(const Place& place, int row, int input, int8_t weight) {
    const int all = place.first_input + input;
    if (all / kGroupInputs >= groups_) {
      EXPECT_EQ(weight, 0) << "beyond the inputs";
      return;
    }
    const int group = place.block * groups_ + all / kGroupInputs;
    weights_[size_t((group * gates_ + place.gate) * kGroupBytes + row * kGroupInputs +
                    all % kGroupInputs)] += weight;
  }

  const int groups_;
  const int gates_;
  Weights weights_;
};

Weights Unpack(const ShortSums& sums, int blocks, int groups, int gates) {
  return Unpacked(sums, blocks, groups, gates).weights();
}

// The largest sum of weights of one sign that are added in 16 bits.
int LargestShortSum(const ShortSums& sums) {
  int largest = 0;
  const auto look = [&](std::initializer_list<const int8_t*> pairs) {
    int above = 0;
    int below = 0;
    for (const int8_t* pair : pairs) {
      for (const int weight : {pair[0], pair[1]}) (weight > 0 ? above : below) += weight;
    }
    largest = std::max({largest, above, -below});
  };
  for (size_t at = 0; at < sums.weights.size(); at += kSegmentBytes) {
    for (size_t pair = 0; pair < kGroupBytes; pair += 2) {
      const int8_t* first = &sums.weights[at + pair];
      look({first, first + kGroupBytes});
      look({first + 2 * kGroupBytes, first + 3 * kGroupBytes});
      look({first + 4 * kGroupBytes});
    }
  }
  for (size_t at = 0; at < sums.more_weights.size(); at += kSpareBytes) {
    for (size_t pair = 0; pair < kGroupBytes; pair += 2) look({&sums.more_weights[at + pair]});
  }
  return largest;
}

TEST(ShortSums, KeepEveryWeightAndNeverOverflow) {
  for (const int largest : {0, 20, 60, 90, 127}) {
    for (const auto& [blocks, groups, gates] :
         {std::tuple(1, 1, 1), std::tuple(3, 6, 1), std::tuple(2, 9, 4)}) {
      const size_t block_bytes = size_t(groups) * size_t(gates) * kGroupBytes;
      const Weights weights = RandomWeights(size_t(blocks) * block_bytes, largest, 1);
      const ShortSums sums = PackShortSums(weights.data(), blocks, block_bytes, groups, gates);
      EXPECT_EQ(Unpack(sums, blocks, groups, gates), weights) << largest << " " << groups;
      EXPECT_LE(LargestShortSum(sums), kShortSumLimit);
    }
  }
}

TEST(ShortSums, SmallWeightsNeedNoMore) {
  const Weights weights = RandomWeights(size_t{8} * kGroupBytes, 40, 2);
  const ShortSums sums = PackShortSums(weights.data(), 1, 8 * kGroupBytes, 8, 1);
  EXPECT_EQ(sums.segments, 2);
  EXPECT_EQ(sums.first_more, (std::vector<int>{0, 0}));
}

TEST(ShortSums, TheLargestWeightsNeedMoreThanOnce) {
  for (const int8_t weight : {127, -127}) {
    const Weights weights(size_t{4} * kGroupBytes, weight);
    const ShortSums sums = PackShortSums(weights.data(), 1, 4 * kGroupBytes, 4, 1);
    EXPECT_GT(sums.more_input.size(), 1U);
    EXPECT_EQ(Unpack(sums, 1, 4, 1), weights);
    EXPECT_LE(LargestShortSum(sums), kShortSumLimit);
  }
}

}  // namespace
}  // namespace gnosis
