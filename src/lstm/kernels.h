// The inner loops of the network, for the processor at hand. All of them give the same bits: sums
// are exact integers, and what follows is done in the same order with the same roundings (which is
// why this room is compiled without fused multiply-add).
//
// Weights are packed for eight outputs at a time: a block of 8 rows is, for every group of 4
// inputs, 8 x 4 bytes, rows first. An LSTM's block is 8 units: for every group of inputs the 8 x 4
// bytes of its cell input, input gate, forget gate and output gate.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "lstm/float_matrix.h"
#include "lstm/line_windows.h"
#include "lstm/network_file.h"

namespace gnosis {

constexpr int kBlockRows = 8;
constexpr int kGroupInputs = 4;
constexpr int kLstmGates = 4;
static_assert(kWindowStep == kGroupInputs);

struct PackedMatrix {
  int outputs = 0;
  int blocks = 0;
  int groups = 0;
  std::vector<int8_t> weights;  // blocks x groups x 8 x 4
  std::vector<int32_t> bias;    // blocks x 8, in units of the sums
  std::vector<float> scale;     // blocks x 8
};
PackedMatrix PackMatrix(const WeightMatrix& matrix);

struct PackedLstm {
  int inputs = 0;
  int units = 0;  // a multiple of 8: units are added that nobody reads
  int input_groups = 0;
  int state_groups = 0;
  std::vector<int8_t> weights;  // blocks x (input_groups + state_groups) x 4 x 8 x 4
  std::vector<int32_t> bias;    // blocks x 4 x 8
  std::vector<float> scale;     // blocks x 4 x 8
};
PackedLstm PackLstm(const LayerNode& lstm);

// One step of an LSTM for several sequences at once. Vectors of input are `input_groups` x 4 bytes,
// outputs `units` bytes, 4-byte aligned or not; states are `units` floats each.
struct LstmStep {
  int count = 0;
  const int8_t* const* inputs = nullptr;
  const int8_t* const* last_outputs = nullptr;
  int8_t* const* outputs = nullptr;
  float* const* states = nullptr;
};

struct Kernels {
  std::string_view name;
  void (*lstm_step)(const PackedLstm& lstm, const LstmStep& step);
  // Writes `outputs` floats, rounded up to blocks of 8.
  void (*multiply)(const PackedMatrix& matrix, const int8_t* input, float* output);
  // Writes `outputs` bytes, rounded up to blocks of 8: tanh of the largest sum of the places. Of
  // the matrix a group of inputs is a column of a window.
  void (*convolve_cell)(const PackedMatrix& matrix, const CellOf<int8_t>& cell, int8_t* output);
  // Writes `outputs` floats for each of `count` vectors, rounded up to blocks of 16.
  void (*multiply_floats)(const FloatMatrix& matrix, const float* const* inputs,
                          float* const* outputs, int count);
};

const Kernels& ScalarKernels();
// Null where the processor has no AVX2.
const Kernels* Avx2Kernels();
// Null where it has no AVX-512 VNNI.
const Kernels* VnniKernels();
const Kernels& BestKernels();

}  // namespace gnosis
