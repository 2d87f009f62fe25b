#include "lstm/float_matrix.h"

namespace gnosis {

FloatMatrix StackFloats(std::span<const WeightMatrix> matrices) {
  FloatMatrix stacked{.inputs = matrices.front().columns - 1};
  for (const WeightMatrix& matrix : matrices) stacked.outputs += matrix.rows;
  stacked.blocks = (stacked.outputs + kFloatBlock - 1) / kFloatBlock;
  stacked.weights.resize(size_t(stacked.blocks) * size_t(stacked.inputs) * kFloatBlock);
  stacked.bias.resize(size_t(stacked.blocks) * kFloatBlock);
  size_t output = 0;
  for (const WeightMatrix& matrix : matrices) {
    for (int row = 0; row < matrix.rows; ++row, ++output) {
      const float* from = matrix.floats.data() + size_t(row) * size_t(matrix.columns);
      const size_t block = output / kFloatBlock, lane = output % kFloatBlock;
      for (int input = 0; input < stacked.inputs; ++input) {
        const size_t at = (block * size_t(stacked.inputs) + size_t(input)) * kFloatBlock + lane;
        stacked.weights[at] = from[input];
      }
      stacked.bias[output] = from[stacked.inputs];
    }
  }
  return stacked;
}

}  // namespace gnosis
