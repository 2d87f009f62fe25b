// For processors with AVX-512 VNNI, which multiply 64 pairs of bytes, unsigned by signed, and add
// them in fours with one instruction.
//
// Only functions with the target attribute are compiled for it, as in kernels_avx2.cc.
#include "lstm/kernels.h"

#if defined(__x86_64__)

#if defined(__GNUC__) && !defined(__clang__)
// GCC 12 warns about the deliberately uninitialised registers in its own header.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif

#include <immintrin.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "lstm/activation.h"

#define GNOSIS_VNNI __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")))
#define GNOSIS_VNNI_INLINE \
  __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni"), always_inline)) inline

namespace gnosis {
namespace {

constexpr float kStateLimit = 100;

// Both tables in one, so that each lane of a vector can use either.
struct Tables {
  alignas(64) std::array<ActivationEntry, 2 * kActivationSteps> entries;

  Tables() {
    std::copy(TanhTable().begin(), TanhTable().end(), entries.begin());
    std::copy(LogisticTable().begin(), LogisticTable().end(), entries.begin() + kActivationSteps);
  }
};
const Tables& BothTables() {
  static const Tables tables;
  return tables;
}

// Selects the function per lane: the logistic one if set, tanh otherwise.
constexpr __mmask16 kAllTanh = 0;
constexpr __mmask16 kUpperLogistic = 0xFF00;
constexpr __mmask16 kAllLogistic = 0xFFFF;

GNOSIS_VNNI_INLINE __m512 Activate(const Tables& tables, __m512 x, __mmask16 logistic) {
  const __mmask16 negative = _mm512_movepi32_mask(_mm512_castps_si512(x));
  const __m512 place =
      _mm512_min_ps(_mm512_mul_ps(_mm512_abs_ps(x), _mm512_set1_ps(kActivationsPerUnit)),
                    _mm512_set1_ps(float(kActivationSteps - 1)));
  const __m512i step = _mm512_cvttps_epi32(place);
  const __m512 rest = _mm512_sub_ps(place, _mm512_cvtepi32_ps(step));
  const __m512i index =
      _mm512_mask_add_epi32(step, logistic, step, _mm512_set1_epi32(kActivationSteps));
  const auto* base = reinterpret_cast<const double*>(tables.entries.data());
  const __m512 low = _mm512_castpd_ps(_mm512_i32gather_pd(_mm512_castsi512_si256(index), base, 8));
  const __m512 high =
      _mm512_castpd_ps(_mm512_i32gather_pd(_mm512_extracti64x4_epi64(index, 1), base, 8));
  const __m512i even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
  const __m512i odd = _mm512_setr_epi32(1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
  const __m512 values = _mm512_permutex2var_ps(low, even, high);
  const __m512 rises = _mm512_permutex2var_ps(low, odd, high);
  const __m512 positive = _mm512_add_ps(values, _mm512_mul_ps(rises, rest));
  const __m512 mirrored =
      _mm512_mask_sub_ps(positive, negative & logistic, _mm512_set1_ps(1), positive);
  return _mm512_mask_xor_ps(mirrored, __mmask16(negative & ~logistic), mirrored,
                            _mm512_set1_ps(-0.0F));
}

GNOSIS_VNNI_INLINE __m128i ToBytes(__m512 values) {
  const __m512 scaled = _mm512_mul_ps(values, _mm512_set1_ps(127));
  const __m512 signs = _mm512_and_ps(scaled, _mm512_set1_ps(-0.0F));
  const __m512 half = _mm512_or_ps(signs, _mm512_set1_ps(0.5F));
  const __m128i bytes = _mm512_cvtepi32_epi8(_mm512_cvttps_epi32(_mm512_add_ps(scaled, half)));
  return _mm_xor_si128(bytes, _mm_set1_epi8(int8_t(kZeroByte)));
}

GNOSIS_VNNI_INLINE __m512i Broadcast(const uint8_t* inputs) {
  int32_t group;
  std::memcpy(&group, inputs, sizeof(group));
  return _mm512_set1_epi32(group);
}

GNOSIS_VNNI_INLINE __m512i LoadWeights(const int8_t* weights) {
  return _mm512_loadu_si512(weights);
}

// For the eight units of a block: cell input and input gate; forget gate and output gate.
struct GateSums {
  __m512i cell_in;
  __m512i keep_out;
};

GNOSIS_VNNI_INLINE __m512 Scaled(__m512i sums, const int32_t* bias, const float* scale) {
  const __m512i exact = _mm512_add_epi32(sums, _mm512_loadu_si512(bias));
  return _mm512_mul_ps(_mm512_cvtepi32_ps(exact), _mm512_loadu_ps(scale));
}

struct Gates {
  __m512 cell_in;
  __m512 keep_out;
};
GNOSIS_VNNI_INLINE Gates OpenGates(const Tables& tables, const PackedLstm& lstm, int block,
                                   const GateSums& sums) {
  const size_t at = size_t(block) * kLstmGates * kBlockRows;
  return {Activate(tables, Scaled(sums.cell_in, &lstm.bias[at], &lstm.scale[at]), kUpperLogistic),
          Activate(tables, Scaled(sums.keep_out, &lstm.bias[at + 16], &lstm.scale[at + 16]),
                   kAllLogistic)};
}

// The last part of a step: eight units of two sequences side by side.
GNOSIS_VNNI_INLINE void FinishUnits(const Tables& tables, const Gates& first, const Gates& second,
                                    float* first_states, float* second_states,
                                    uint8_t* first_outputs, uint8_t* second_outputs) {
  constexpr int kLowerHalves = 0x44, kUpperHalves = 0xEE;
  const __m512 cell = _mm512_shuffle_f32x4(first.cell_in, second.cell_in, kLowerHalves);
  const __m512 in = _mm512_shuffle_f32x4(first.cell_in, second.cell_in, kUpperHalves);
  const __m512 keep = _mm512_shuffle_f32x4(first.keep_out, second.keep_out, kLowerHalves);
  const __m512 out = _mm512_shuffle_f32x4(first.keep_out, second.keep_out, kUpperHalves);
  const __m512 before = _mm512_insertf32x8(_mm512_castps256_ps512(_mm256_loadu_ps(first_states)),
                                           _mm256_loadu_ps(second_states), 1);
  const __m512 sum = _mm512_add_ps(_mm512_mul_ps(before, keep), _mm512_mul_ps(cell, in));
  const __m512 state =
      _mm512_max_ps(_mm512_set1_ps(-kStateLimit), _mm512_min_ps(_mm512_set1_ps(kStateLimit), sum));
  _mm256_storeu_ps(first_states, _mm512_castps512_ps256(state));
  _mm256_storeu_ps(second_states, _mm512_extractf32x8_ps(state, 1));
  const __m128i bytes = ToBytes(_mm512_mul_ps(Activate(tables, state, kAllTanh), out));
  const int64_t low = _mm_extract_epi64(bytes, 0);
  const int64_t high = _mm_extract_epi64(bytes, 1);
  std::memcpy(first_outputs, &low, sizeof(low));
  std::memcpy(second_outputs, &high, sizeof(high));
}

template <int kItems>
GNOSIS_VNNI_INLINE void AddGroups(GateSums (&sums)[kItems], const int8_t* weights, int groups,
                                  const uint8_t* const* inputs) {
  for (int group = 0; group < groups; ++group, weights += kLstmGroupBytes) {
    const __m512i cell_in = LoadWeights(weights);
    const __m512i keep_out = LoadWeights(weights + 64);
#pragma GCC unroll 8
    for (int item = 0; item < kItems; ++item) {
      const __m512i input = Broadcast(inputs[item] + group * kGroupInputs);
      sums[item].cell_in = _mm512_dpbusd_epi32(sums[item].cell_in, input, cell_in);
      sums[item].keep_out = _mm512_dpbusd_epi32(sums[item].keep_out, input, keep_out);
    }
  }
}

// Processes kItems sequences from `first` on, for the eight units of a block.
template <int kItems>
GNOSIS_VNNI void RunItems(const Tables& tables, const PackedLstm& lstm, int block,
                          const LstmStep& step, int first) {
  const int groups = lstm.input_groups + lstm.state_groups;
  const int8_t* weights = lstm.weights.data() + size_t(block) * size_t(groups) * kLstmGroupBytes;
  GateSums sums[kItems];
  for (GateSums& each : sums) each = {_mm512_setzero_si512(), _mm512_setzero_si512()};
  AddGroups<kItems>(sums, weights, lstm.input_groups, step.inputs + first);
  AddGroups<kItems>(sums, weights + size_t(lstm.input_groups) * kLstmGroupBytes, lstm.state_groups,
                    step.last_outputs + first);
  const int unit = block * kBlockRows;
  for (int item = 0; item < kItems; item += 2) {
    const Gates gates = OpenGates(tables, lstm, block, sums[item]);
    float* states = step.states[first + item] + unit;
    uint8_t* outputs = step.outputs[first + item] + unit;
    if (item + 1 == kItems) {
      float nobodys_states[kBlockRows] = {};
      uint8_t nobodys_outputs[kBlockRows];
      FinishUnits(tables, gates, gates, states, nobodys_states, outputs, nobodys_outputs);
      break;
    }
    const Gates next = OpenGates(tables, lstm, block, sums[item + 1]);
    FinishUnits(tables, gates, next, states, step.states[first + item + 1] + unit, outputs,
                step.outputs[first + item + 1] + unit);
  }
}

// Blocks in the outer loop, so that a block's weights stay in the L1 cache for all sequences. The
// sums of eight sequences take half of the registers.
GNOSIS_VNNI void VnniLstmStep(const PackedLstm& lstm, const LstmStep& step) {
  const Tables& tables = BothTables();
  for (int block = 0; block < lstm.units / kBlockRows; ++block) {
    int i = 0;
    for (; i + 8 <= step.count; i += 8) RunItems<8>(tables, lstm, block, step, i);
    for (; i + 4 <= step.count; i += 4) RunItems<4>(tables, lstm, block, step, i);
    for (; i + 2 <= step.count; i += 2) RunItems<2>(tables, lstm, block, step, i);
    if (i < step.count) RunItems<1>(tables, lstm, block, step, i);
  }
}

// Two blocks of one group side by side; without a second one, the first one twice.
GNOSIS_VNNI_INLINE __m512i TwoBlocks(const int8_t* first, const int8_t* second) {
  const __m256i low = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(first));
  const __m256i high = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(second));
  return _mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1);
}

struct BlockPair {
  const int8_t* first;
  const int8_t* second;
  int rows;  // of both
};
GNOSIS_VNNI_INLINE BlockPair PairAt(const PackedMatrix& matrix, int block) {
  const size_t bytes = size_t(matrix.groups) * kGroupBytes;
  const int8_t* first = matrix.weights.data() + size_t(block) * bytes;
  const bool alone = block + 1 == matrix.blocks;
  return {first, alone ? first : first + bytes, alone ? kBlockRows : 2 * kBlockRows};
}

GNOSIS_VNNI_INLINE __m512 ScaledRows(const PackedMatrix& matrix, int row, int rows, __m512i sums) {
  const auto mask = __mmask16((1 << rows) - 1);
  const __m512i bias = _mm512_maskz_loadu_epi32(mask, &matrix.bias[size_t(row)]);
  const __m512 scale = _mm512_maskz_loadu_ps(mask, &matrix.scale[size_t(row)]);
  return _mm512_mul_ps(_mm512_cvtepi32_ps(_mm512_add_epi32(sums, bias)), scale);
}

// Several sums at once, so that additions need not wait for one another.
template <int kPairs>
GNOSIS_VNNI_INLINE void MultiplyPairs(const PackedMatrix& matrix, int block, const uint8_t* input,
                                      float* output) {
  BlockPair pairs[kPairs];
  __m512i sums[kPairs];
  for (int i = 0; i < kPairs; ++i) {
    pairs[i] = PairAt(matrix, block + 2 * i);
    sums[i] = _mm512_setzero_si512();
  }
  for (int group = 0; group < matrix.groups; ++group) {
    const int at = group * kGroupBytes;
    const __m512i inputs = Broadcast(input + group * kGroupInputs);
#pragma GCC unroll 4
    for (int i = 0; i < kPairs; ++i) {
      sums[i] = _mm512_dpbusd_epi32(sums[i], inputs,
                                    TwoBlocks(pairs[i].first + at, pairs[i].second + at));
    }
  }
  for (int i = 0; i < kPairs; ++i) {
    const int row = (block + 2 * i) * kBlockRows;
    _mm512_mask_storeu_ps(output + row, __mmask16((1 << pairs[i].rows) - 1),
                          ScaledRows(matrix, row, pairs[i].rows, sums[i]));
  }
}

GNOSIS_VNNI void VnniMultiply(const PackedMatrix& matrix, const uint8_t* input, float* output) {
  int block = 0;
  for (; block + 7 <= matrix.blocks; block += 8) MultiplyPairs<4>(matrix, block, input, output);
  for (; block + 3 <= matrix.blocks; block += 4) MultiplyPairs<2>(matrix, block, input, output);
  for (; block < matrix.blocks; block += 2) MultiplyPairs<1>(matrix, block, input, output);
}

GNOSIS_VNNI void VnniConvolveCell(const PackedMatrix& matrix, const CellOf<uint8_t>& cell,
                                  uint8_t* output) {
  const Tables& tables = BothTables();
  for (int block = 0; block < matrix.blocks; block += 2) {
    const BlockPair pair = PairAt(matrix, block);
    __m512i weights[kWindowSide];
    for (int column = 0; column < kWindowSide; ++column) {
      const int at = column * kGroupBytes;
      weights[column] = TwoBlocks(pair.first + at, pair.second + at);
    }
    __m512i largest = _mm512_set1_epi32(INT32_MIN);
    for (const auto& window : cell) {
      __m512i sums = _mm512_setzero_si512();
      for (int column = 0; column < kWindowSide; ++column) {
        sums = _mm512_dpbusd_epi32(sums, Broadcast(window.data() + column * kWindowStep),
                                   weights[column]);
      }
      largest = _mm512_max_epi32(largest, sums);
    }
    const int row = block * kBlockRows;
    const __m512 sums = ScaledRows(matrix, row, pair.rows, largest);
    const __m128i bytes = ToBytes(Activate(tables, sums, kAllTanh));
    _mm_mask_storeu_epi8(output + row, __mmask16((1 << pair.rows) - 1), bytes);
  }
}

GNOSIS_VNNI void VnniMultiplyFloats(const FloatMatrix& matrix, const float* const* inputs,
                                    float* const* outputs, int count) {
  MultiplyFloats(matrix, inputs, outputs, count);
}

}  // namespace

const Kernels* VnniKernels() {
  static const Kernels kernels = {"avx512-vnni", Packing::kGroups, VnniLstmStep,
                                  VnniMultiply,  VnniConvolveCell, VnniMultiplyFloats};
  const bool supported = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
                         __builtin_cpu_supports("avx512vnni");
  return supported ? &kernels : nullptr;
}

}  // namespace gnosis

#else

namespace gnosis {

const Kernels* VnniKernels() { return nullptr; }

}  // namespace gnosis

#endif
