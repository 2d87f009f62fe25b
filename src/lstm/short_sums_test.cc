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

// The weights of segments put together again, in groups.
Weights Unpack(const ShortSums& sums, int blocks, int groups, int gates) {
  Weights weights(size_t(blocks) * size_t(groups) * size_t(gates) * kGroupBytes);
  for (int block = 0; block < blocks; ++block) {
    for (int segment = sums.first[size_t(block)]; segment < sums.first[size_t(block) + 1];
         ++segment) {
      for (int row = 0; row < gates * kBlockRows; ++row) {
        const int8_t* packed = sums.weights.data() +
                               size_t(segment * gates + row / kBlockRows) * kSegmentBytes +
                               row % kBlockRows * kGroupInputs;
        const auto add = [&](int input, int8_t weight) {
          const int all = sums.input[size_t(segment)] + input;
          if (all / kGroupInputs >= groups) {
            EXPECT_EQ(weight, 0) << "beyond the inputs";
            return;
          }
          const size_t group = size_t(block) * size_t(groups) + size_t(all / kGroupInputs);
          weights[(group * size_t(gates) * kBlockRows + size_t(row)) * kGroupInputs +
                  size_t(all % kGroupInputs)] += weight;
        };
        for (int input = 0; input < kSegmentInputs; ++input) {
          add(input, packed[input / kGroupInputs * kGroupBytes + input % kGroupInputs]);
        }
        const int8_t* spare = packed + kSegmentGroups * kGroupBytes;
        for (int i = 0; i < kGroupInputs; ++i) add(spare[kGroupBytes + i], spare[i]);
      }
    }
  }
  return weights;
}

// The largest sum of weights of one sign that are added in 16 bits.
int LargestShortSum(const ShortSums& sums) {
  int largest = 0;
  const auto look = [&](std::initializer_list<int> weights) {
    int above = 0;
    int below = 0;
    for (const int weight : weights) (weight > 0 ? above : below) += weight;
    largest = std::max({largest, above, -below});
  };
  for (size_t at = 0; at < sums.weights.size(); at += kSegmentBytes) {
    for (size_t pair = 0; pair < kGroupBytes; pair += 2) {
      const int8_t* first = &sums.weights[at + pair];
      for (int group = 0; group < kSegmentGroups; group += 2, first += 2 * kGroupBytes) {
        look({first[0], first[1], first[kGroupBytes], first[kGroupBytes + 1]});
      }
      look({first[0], first[1]});
    }
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

TEST(ShortSums, SmallWeightsNeedNoSegmentTwice) {
  const Weights weights = RandomWeights(size_t{8} * kGroupBytes, 40, 2);
  const ShortSums sums = PackShortSums(weights.data(), 1, 8 * kGroupBytes, 8, 1);
  EXPECT_EQ(sums.input, (std::vector<int>{0, 16}));
}

TEST(ShortSums, TheLargestWeightsComeInSeveralSegments) {
  const Weights weights(size_t{4} * kGroupBytes, 127);
  const ShortSums sums = PackShortSums(weights.data(), 1, 4 * kGroupBytes, 4, 1);
  EXPECT_GT(sums.input.size(), 1U);
  EXPECT_EQ(Unpack(sums, 1, 4, 1), weights);
  EXPECT_LE(LargestShortSum(sums), kShortSumLimit);
}

}  // namespace
}  // namespace gnosis
