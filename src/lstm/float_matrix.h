// Floating-point weights times vectors, for the kernels: the same loop, compiled for different
// processors. The products for each output are added in the order of the inputs, so that all of
// them give the same bits.
#pragma once

#include <span>
#include <vector>

#include "lstm/network_file.h"

namespace gnosis {

constexpr int kFloatBlock = 16;  // outputs

struct FloatMatrix {
  int outputs = 0;
  int inputs = 0;
  int blocks = 0;
  std::vector<float> weights;  // blocks x inputs x 16
  std::vector<float> bias;     // blocks x 16
};
// Stacks several matrices with the same inputs.
FloatMatrix StackFloats(std::span<const WeightMatrix> matrices);

using FloatLanes
    [[gnu::vector_size(kFloatBlock * sizeof(float)), gnu::aligned(sizeof(float)), gnu::may_alias]] =
        float;

template <int kItems>
[[gnu::always_inline]] inline void MultiplyFloatBlock(const FloatMatrix& matrix, int block,
                                                      const float* const* inputs,
                                                      float* const* outputs) {
  const float* weights =
      matrix.weights.data() + size_t(block) * size_t(matrix.inputs) * kFloatBlock;
  FloatLanes sums[kItems] = {};
  for (int input = 0; input < matrix.inputs; ++input, weights += kFloatBlock) {
    const FloatLanes lanes = *reinterpret_cast<const FloatLanes*>(weights);
    for (int item = 0; item < kItems; ++item) sums[item] += lanes * inputs[item][input];
  }
  const size_t at = size_t(block) * kFloatBlock;
  const FloatLanes bias = *reinterpret_cast<const FloatLanes*>(&matrix.bias[at]);
  for (int item = 0; item < kItems; ++item) {
    *reinterpret_cast<FloatLanes*>(outputs[item] + at) = sums[item] + bias;
  }
}

// Writes `outputs` floats for each of `count` vectors, rounded up to blocks of 16.
[[gnu::always_inline]] inline void MultiplyFloats(const FloatMatrix& matrix,
                                                  const float* const* inputs, float* const* outputs,
                                                  int count) {
  constexpr int kItemsTogether = 4;
  for (int block = 0; block < matrix.blocks; ++block) {
    int item = 0;
    for (; item + kItemsTogether <= count; item += kItemsTogether) {
      MultiplyFloatBlock<kItemsTogether>(matrix, block, inputs + item, outputs + item);
    }
    for (; item < count; ++item) {
      MultiplyFloatBlock<1>(matrix, block, inputs + item, outputs + item);
    }
  }
}

}  // namespace gnosis
