// The inner loops of the network, for the current processor. All variants give the same bits: sums
// are exact integers, and the rest is done in the same order with the same rounding (which is why
// this room is compiled without fused multiply-add).
//
// Between layers, values are bytes: 127 times the value, plus 128 (ToByte), because processors
// multiply unsigned bytes by signed ones. The offset adds 128 times the weights to a sum; the bias
// compensates for that.
//
// Weights are packed for eight outputs at a time: a block of 8 rows has, for every group of 4
// inputs, 8 x 4 bytes, row by row. A block of an LSTM has 8 units: for every group of inputs the 8
// x 4 bytes of its cell input, input gate, forget gate and output gate. Some kernels use short sums
// instead.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "lstm/float_matrix.h"
#include "lstm/line_windows.h"
#include "lstm/network_file.h"
#include "lstm/short_sums.h"

namespace gnosis {

constexpr int kLstmGates = 4;
constexpr int kLstmGroupBytes = kLstmGates * kGroupBytes;
static_assert(kWindowStep == kGroupInputs);

enum class Packing { kGroups, kShortSums };

struct PackedMatrix {
  int outputs = 0;
  int blocks = 0;
  int groups = 0;
  AlignedVector<int8_t> weights;  // blocks x groups x 8 x 4
  ShortSums short_sums;           // or these
  std::vector<int32_t> bias;      // blocks x 8, in units of the sums
  std::vector<float> scale;       // blocks x 8
};
PackedMatrix PackMatrix(const WeightMatrix& matrix, Packing packing);

struct PackedLstm {
  int inputs = 0;
  int units = 0;  // a multiple of 8, padded with unused units
  int input_groups = 0;
  int state_groups = 0;
  AlignedVector<int8_t> weights;  // blocks x (input_groups + state_groups) x 4 x 8 x 4
  ShortSums input_sums;           // or these
  ShortSums state_sums;           //
  std::vector<int32_t> bias;      // blocks x 4 x 8
  std::vector<float> scale;       // blocks x 4 x 8
};
PackedLstm PackLstm(const LayerNode& lstm, Packing packing);

// Input vectors are read in whole segments: this many bytes after their last group must be
// readable.
constexpr int kReadBeyond = kSegmentInputs - kGroupInputs;

// One step of an LSTM for several sequences at once. Input vectors have `input_groups` x 4 bytes
// and kReadBeyond more, outputs `units` bytes, with any alignment; states have `units` floats each.
struct LstmStep {
  int count = 0;
  const uint8_t* const* inputs = nullptr;
  const uint8_t* const* last_outputs = nullptr;
  uint8_t* const* outputs = nullptr;
  float* const* states = nullptr;
};

struct Kernels {
  std::string_view name;
  Packing packing;
  void (*lstm_step)(const PackedLstm& lstm, const LstmStep& step);
  // Writes `outputs` floats, rounded up to blocks of 8. Reads up to kReadBeyond further.
  void (*multiply)(const PackedMatrix& matrix, const uint8_t* input, float* output);
  // Writes `outputs` bytes, rounded up to blocks of 8: tanh of the largest sum over the windows of
  // the cell. Each group of the matrix is a column of a window.
  void (*convolve_cell)(const PackedMatrix& matrix, const CellOf<uint8_t>& cell, uint8_t* output);
  // Writes `outputs` floats for each of `count` vectors, rounded up to blocks of 16.
  void (*multiply_floats)(const FloatMatrix& matrix, const float* const* inputs,
                          float* const* outputs, int count);
};

const Kernels& ScalarKernels();
// Null if the processor has no AVX2.
const Kernels* Avx2Kernels();
// Null if the processor has no AVX-512 VNNI.
const Kernels* VnniKernels();
// The best of these for the current processor; null if it supports none. The scalar kernels are
// slower than libtesseract.
const Kernels* VectorKernels();
// VectorKernels(), or else the scalar ones.
const Kernels& BestKernels();

}  // namespace gnosis
