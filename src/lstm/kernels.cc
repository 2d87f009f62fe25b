#include "lstm/kernels.h"

#include <algorithm>

#include "lstm/activation.h"

namespace gnosis {
namespace {

constexpr float kStateLimit = 100;
constexpr int kBiasInput = 127;  // a bias is the weight of an input of 1

int Groups(int inputs) { return (inputs + kGroupInputs - 1) / kGroupInputs; }
int Blocks(int outputs) { return (outputs + kBlockRows - 1) / kBlockRows; }

int8_t WeightAt(const WeightMatrix& matrix, int row, int column) {
  return matrix.values[size_t(row) * size_t(matrix.columns) + size_t(column)];
}

// Sum over one group of inputs, for one row of a block.
int32_t GroupSum(const int8_t* weights, const uint8_t* inputs) {
  int32_t sum = 0;
  for (int i = 0; i < kGroupInputs; ++i) sum += int32_t(weights[i]) * inputs[i];
  return sum;
}

void AddGroups(const int8_t* weights, int groups, int stride, const uint8_t* inputs,
               int32_t (&sums)[kBlockRows]) {
  for (int group = 0; group < groups; ++group) {
    for (int row = 0; row < kBlockRows; ++row) {
      sums[row] +=
          GroupSum(weights + group * stride + row * kGroupInputs, inputs + group * kGroupInputs);
    }
  }
}

void LstmUnits(const PackedLstm& lstm, int block, const LstmStep& step, int item) {
  const ActivationTable& tanh = TanhTable();
  const ActivationTable& logistic = LogisticTable();
  const int8_t* weights = lstm.weights.data() + size_t(block) *
                                                    size_t(lstm.input_groups + lstm.state_groups) *
                                                    kLstmGroupBytes;
  float gates[kLstmGates][kBlockRows];
  for (int gate = 0; gate < kLstmGates; ++gate) {
    int32_t sums[kBlockRows] = {};
    const int8_t* gate_weights = weights + gate * kGroupBytes;
    AddGroups(gate_weights, lstm.input_groups, kLstmGroupBytes, step.inputs[item], sums);
    AddGroups(gate_weights + lstm.input_groups * kLstmGroupBytes, lstm.state_groups,
              kLstmGroupBytes, step.last_outputs[item], sums);
    for (int row = 0; row < kBlockRows; ++row) {
      const size_t at = (size_t(block) * kLstmGates + size_t(gate)) * kBlockRows + size_t(row);
      const float sum = float(sums[row] + lstm.bias[at]) * lstm.scale[at];
      gates[gate][row] = gate == 0 ? Tanh(tanh, sum) : Logistic(logistic, sum);
    }
  }
  for (int row = 0; row < kBlockRows; ++row) {
    float& state = step.states[item][block * kBlockRows + row];
    const float sum = state * gates[2][row] + gates[0][row] * gates[1][row];
    state = std::clamp(sum, -kStateLimit, kStateLimit);
    step.outputs[item][block * kBlockRows + row] = ToByte(Tanh(tanh, state) * gates[3][row]);
  }
}

void ScalarLstmStep(const PackedLstm& lstm, const LstmStep& step) {
  for (int block = 0; block < lstm.units / kBlockRows; ++block) {
    for (int item = 0; item < step.count; ++item) LstmUnits(lstm, block, step, item);
  }
}

void ScalarMultiply(const PackedMatrix& matrix, const uint8_t* input, float* output) {
  for (int block = 0; block < matrix.blocks; ++block) {
    int32_t sums[kBlockRows] = {};
    AddGroups(matrix.weights.data() + size_t(block) * size_t(matrix.groups) * kGroupBytes,
              matrix.groups, kGroupBytes, input, sums);
    for (int row = 0; row < kBlockRows; ++row) {
      const size_t at = size_t(block) * kBlockRows + size_t(row);
      output[at] = float(sums[row] + matrix.bias[at]) * matrix.scale[at];
    }
  }
}

// The scale is positive and tanh is monotonic, so the largest sum has the largest tanh.
void ScalarConvolveCell(const PackedMatrix& matrix, const CellOf<uint8_t>& cell, uint8_t* output) {
  for (int block = 0; block < matrix.blocks; ++block) {
    int32_t largest[kBlockRows];
    std::fill(largest, largest + kBlockRows, INT32_MIN);
    for (const auto& window : cell) {
      int32_t sums[kBlockRows] = {};
      AddGroups(matrix.weights.data() + size_t(block) * size_t(matrix.groups) * kGroupBytes,
                kWindowSide, kGroupBytes, window.data(), sums);
      for (int row = 0; row < kBlockRows; ++row) largest[row] = std::max(largest[row], sums[row]);
    }
    for (int row = 0; row < kBlockRows; ++row) {
      const size_t at = size_t(block) * kBlockRows + size_t(row);
      const float sum = float(largest[row] + matrix.bias[at]) * matrix.scale[at];
      output[at] = ToByte(Tanh(TanhTable(), sum));
    }
  }
}

void ScalarMultiplyFloats(const FloatMatrix& matrix, const float* const* inputs,
                          float* const* outputs, int count) {
  MultiplyFloats(matrix, inputs, outputs, count);
}

// Packs rows of a weight matrix into blocks of 8 x 4, `stride` bytes from group to group. Inputs
// start at `column`.
void PackRows(const WeightMatrix& matrix, int block, int column, int inputs, size_t stride,
              int8_t* packed) {
  for (int input = 0; input < inputs; ++input) {
    int8_t* group = packed + size_t(input / kGroupInputs) * stride;
    for (int row = 0; row < kBlockRows; ++row) {
      const int output = block * kBlockRows + row;
      if (output >= matrix.rows) break;
      group[row * kGroupInputs + input % kGroupInputs] = WeightAt(matrix, output, column + input);
    }
  }
}

void PackBias(const WeightMatrix& matrix, int block, int32_t* bias, float* scale) {
  for (int row = 0; row < kBlockRows; ++row) {
    const int output = block * kBlockRows + row;
    if (output >= matrix.rows) break;
    int sum = 0;
    for (int column = 0; column + 1 < matrix.columns; ++column) {
      sum += WeightAt(matrix, output, column);
    }
    bias[row] = kBiasInput * WeightAt(matrix, output, matrix.columns - 1) - kZeroByte * sum;
    scale[row] = matrix.scales[size_t(output)];
  }
}

}  // namespace

PackedMatrix PackMatrix(const WeightMatrix& matrix, Packing packing) {
  const int inputs = matrix.columns - 1;
  PackedMatrix packed{
      .outputs = matrix.rows, .blocks = Blocks(matrix.rows), .groups = Groups(inputs)};
  const size_t block_bytes = size_t(packed.groups) * kGroupBytes;
  packed.weights.resize(size_t(packed.blocks) * block_bytes);
  packed.bias.resize(size_t(packed.blocks) * kBlockRows);
  packed.scale.resize(size_t(packed.blocks) * kBlockRows);
  for (int block = 0; block < packed.blocks; ++block) {
    const size_t row = size_t(block) * kBlockRows;
    PackRows(matrix, block, 0, inputs, kGroupBytes,
             packed.weights.data() + size_t(block) * block_bytes);
    PackBias(matrix, block, &packed.bias[row], &packed.scale[row]);
  }
  if (packing == Packing::kShortSums) {
    packed.short_sums =
        PackShortSums(packed.weights.data(), packed.blocks, block_bytes, packed.groups, 1);
    packed.weights = {};
  }
  return packed;
}

PackedLstm PackLstm(const LayerNode& lstm, Packing packing) {
  const int blocks = Blocks(lstm.outputs);
  PackedLstm packed{.inputs = lstm.inputs,
                    .units = blocks * kBlockRows,
                    .input_groups = Groups(lstm.inputs),
                    .state_groups = Groups(blocks * kBlockRows)};
  const size_t groups = size_t(packed.input_groups) + size_t(packed.state_groups);
  packed.weights.resize(size_t(blocks) * groups * kLstmGroupBytes);
  packed.bias.resize(size_t(blocks) * kLstmGates * kBlockRows);
  packed.scale.resize(packed.bias.size());
  for (int block = 0; block < blocks; ++block) {
    for (int gate = 0; gate < kLstmGates; ++gate) {
      const WeightMatrix& matrix = lstm.weights[size_t(gate)];
      int8_t* weights = packed.weights.data() + size_t(block) * groups * kLstmGroupBytes +
                        size_t(gate) * kGroupBytes;
      PackRows(matrix, block, 0, lstm.inputs, kLstmGroupBytes, weights);
      PackRows(matrix, block, lstm.inputs, lstm.outputs, kLstmGroupBytes,
               weights + size_t(packed.input_groups) * kLstmGroupBytes);
      const size_t row = size_t(block * kLstmGates + gate) * kBlockRows;
      PackBias(matrix, block, &packed.bias[row], &packed.scale[row]);
    }
  }
  if (packing == Packing::kShortSums) {
    const int8_t* weights = packed.weights.data();
    packed.input_sums =
        PackShortSums(weights, blocks, groups * kLstmGroupBytes, packed.input_groups, kLstmGates);
    packed.state_sums =
        PackShortSums(weights + size_t(packed.input_groups) * kLstmGroupBytes, blocks,
                      groups * kLstmGroupBytes, packed.state_groups, kLstmGates);
    packed.weights = {};
  }
  return packed;
}

const Kernels& ScalarKernels() {
  static const Kernels kernels = {"scalar",       Packing::kGroups,   ScalarLstmStep,
                                  ScalarMultiply, ScalarConvolveCell, ScalarMultiplyFloats};
  return kernels;
}

const Kernels* VectorKernels() {
  const Kernels* vnni = VnniKernels();
  return vnni != nullptr ? vnni : Avx2Kernels();
}

const Kernels& BestKernels() {
  const Kernels* kernels = VectorKernels();
  return kernels != nullptr ? *kernels : ScalarKernels();
}

}  // namespace gnosis
