// Only functions that carry the target are compiled for AVX2: an inline function of a header that
// got it for the whole source could be the one that the linker keeps for everybody.
#include "lstm/kernels.h"

#if defined(__x86_64__)

#include <immintrin.h>

#include <cstring>

#include "lstm/activation.h"

#define GNOSIS_AVX2 __attribute__((target("avx2")))
#define GNOSIS_AVX2_INLINE __attribute__((target("avx2"), always_inline)) inline

namespace gnosis {
namespace {

constexpr int kGroupBytes = kBlockRows * kGroupInputs;
constexpr float kStateLimit = 100;

struct Tables {
  const ActivationEntry* tanh = TanhTable().data();
  const ActivationEntry* logistic = LogisticTable().data();
};

GNOSIS_AVX2_INLINE __m256i LoadWeights(const int8_t* weights) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(weights));
}

GNOSIS_AVX2_INLINE __m256i Broadcast(const int8_t* inputs) {
  int32_t group;
  std::memcpy(&group, inputs, sizeof(group));
  return _mm256_set1_epi32(group);
}

// Bytes are multiplied unsigned by signed, so the input's sign goes to the weights. Two products
// of at most 127 x 127 fit 16 bits.
GNOSIS_AVX2_INLINE __m256i AddProducts(__m256i sums, __m256i weights, __m256i inputs,
                                       __m256i magnitudes) {
  const __m256i pairs = _mm256_maddubs_epi16(magnitudes, _mm256_sign_epi8(weights, inputs));
  return _mm256_add_epi32(sums, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
}

// For values of 0 and above. Eight loads of a pair each are faster than two gathers.
GNOSIS_AVX2_INLINE __m256 LookUp(const ActivationEntry* table, __m256 x) {
  const __m256 place = _mm256_min_ps(_mm256_mul_ps(x, _mm256_set1_ps(kActivationsPerUnit)),
                                     _mm256_set1_ps(float(kActivationSteps - 1)));
  const __m256i index = _mm256_cvttps_epi32(place);
  const __m256 rest = _mm256_sub_ps(place, _mm256_cvtepi32_ps(index));
  alignas(32) int32_t at[8];
  _mm256_store_si256(reinterpret_cast<__m256i*>(at), index);
  const auto two = [table](int first, int second) GNOSIS_AVX2 {
    const __m128d low = _mm_load_sd(reinterpret_cast<const double*>(table + first));
    return _mm_castpd_ps(_mm_loadh_pd(low, reinterpret_cast<const double*>(table + second)));
  };
  const __m256 even = _mm256_set_m128(two(at[4], at[5]), two(at[0], at[1]));
  const __m256 odd = _mm256_set_m128(two(at[6], at[7]), two(at[2], at[3]));
  const __m256 values = _mm256_shuffle_ps(even, odd, 0x88);
  const __m256 rises = _mm256_shuffle_ps(even, odd, 0xDD);
  return _mm256_add_ps(values, _mm256_mul_ps(rises, rest));
}

GNOSIS_AVX2_INLINE __m256 Signs(__m256 x) { return _mm256_and_ps(x, _mm256_set1_ps(-0.0F)); }

GNOSIS_AVX2_INLINE __m256 Tanh(const Tables& tables, __m256 x) {
  const __m256 signs = Signs(x);
  return _mm256_xor_ps(LookUp(tables.tanh, _mm256_xor_ps(x, signs)), signs);
}

GNOSIS_AVX2_INLINE __m256 Logistic(const Tables& tables, __m256 x) {
  const __m256 positive = LookUp(tables.logistic, _mm256_xor_ps(x, Signs(x)));
  const __m256 negative = _mm256_sub_ps(_mm256_set1_ps(1), positive);
  return _mm256_blendv_ps(positive, negative, x);
}

GNOSIS_AVX2_INLINE void StoreBytes(__m256 values, int8_t* output) {
  const __m256 scaled = _mm256_mul_ps(values, _mm256_set1_ps(127));
  const __m256 half = _mm256_or_ps(Signs(scaled), _mm256_set1_ps(0.5F));
  const __m256i whole = _mm256_cvttps_epi32(_mm256_add_ps(scaled, half));
  const __m256i shorts = _mm256_packs_epi32(whole, whole);
  const __m256i bytes = _mm256_packs_epi16(shorts, shorts);
  const int32_t low = _mm256_extract_epi32(bytes, 0);
  const int32_t high = _mm256_extract_epi32(bytes, 4);
  std::memcpy(output, &low, sizeof(low));
  std::memcpy(output + sizeof(low), &high, sizeof(high));
}

GNOSIS_AVX2_INLINE __m256 Scaled(__m256i sums, const int32_t* bias, const float* scale) {
  const __m256i biased =
      _mm256_add_epi32(sums, _mm256_loadu_si256(reinterpret_cast<const __m256i*>(bias)));
  return _mm256_mul_ps(_mm256_cvtepi32_ps(biased), _mm256_loadu_ps(scale));
}

// Of the eight units of a block. Named, not an array, so that they stay in registers.
struct GateSums {
  __m256i cell;
  __m256i in;
  __m256i keep;
  __m256i out;
};

// The last part of a step for the eight units of a block.
GNOSIS_AVX2_INLINE void FinishUnits(const Tables& tables, const PackedLstm& lstm, int block,
                                    const GateSums& sums, float* states, int8_t* outputs) {
  const size_t at = size_t(block) * kLstmGates * kBlockRows;
  const int32_t* bias = lstm.bias.data() + at;
  const float* scale = lstm.scale.data() + at;
  const __m256 cell = Tanh(tables, Scaled(sums.cell, bias, scale));
  const __m256 in = Logistic(tables, Scaled(sums.in, bias + 8, scale + 8));
  const __m256 keep = Logistic(tables, Scaled(sums.keep, bias + 16, scale + 16));
  const __m256 out = Logistic(tables, Scaled(sums.out, bias + 24, scale + 24));
  const __m256 kept = _mm256_mul_ps(_mm256_loadu_ps(states), keep);
  const __m256 sum = _mm256_add_ps(kept, _mm256_mul_ps(cell, in));
  const __m256 state =
      _mm256_max_ps(_mm256_set1_ps(-kStateLimit), _mm256_min_ps(_mm256_set1_ps(kStateLimit), sum));
  _mm256_storeu_ps(states, state);
  StoreBytes(_mm256_mul_ps(Tanh(tables, state), out), outputs);
}

GNOSIS_AVX2_INLINE GateSums NoSums() {
  const __m256i zero = _mm256_setzero_si256();
  return {zero, zero, zero, zero};
}

GNOSIS_AVX2_INLINE GateSums AddGroup(const GateSums& sums, const int8_t* weights,
                                     const int8_t* inputs) {
  const __m256i input = Broadcast(inputs);
  const __m256i magnitude = _mm256_abs_epi8(input);
  return {AddProducts(sums.cell, LoadWeights(weights), input, magnitude),
          AddProducts(sums.in, LoadWeights(weights + kGroupBytes), input, magnitude),
          AddProducts(sums.keep, LoadWeights(weights + 2 * kGroupBytes), input, magnitude),
          AddProducts(sums.out, LoadWeights(weights + 3 * kGroupBytes), input, magnitude)};
}

GNOSIS_AVX2_INLINE const int8_t* BlockWeights(const PackedLstm& lstm, int block) {
  const int groups = lstm.input_groups + lstm.state_groups;
  return lstm.weights.data() + size_t(block) * size_t(groups) * kLstmGates * kGroupBytes;
}

struct TwoGateSums {
  GateSums first;
  GateSums second;
};

GNOSIS_AVX2_INLINE TwoGateSums AddGroups(TwoGateSums sums, const int8_t* weights, int groups,
                                         const int8_t* first, const int8_t* second) {
  for (int group = 0; group < groups; ++group, weights += kLstmGates * kGroupBytes) {
    sums.first = AddGroup(sums.first, weights, first + group * kGroupInputs);
    sums.second = AddGroup(sums.second, weights, second + group * kGroupInputs);
  }
  return sums;
}

GNOSIS_AVX2_INLINE GateSums AddGroups(GateSums sums, const int8_t* weights, int groups,
                                      const int8_t* inputs) {
  for (int group = 0; group < groups; ++group, weights += kLstmGates * kGroupBytes) {
    sums = AddGroup(sums, weights, inputs + group * kGroupInputs);
  }
  return sums;
}

// Two sequences at a time use what registers there are.
GNOSIS_AVX2 void TwoSequences(const Tables& tables, const PackedLstm& lstm, int block,
                              const LstmStep& step, int item) {
  const int8_t* weights = BlockWeights(lstm, block);
  TwoGateSums sums = {NoSums(), NoSums()};
  sums = AddGroups(sums, weights, lstm.input_groups, step.inputs[item], step.inputs[item + 1]);
  weights += lstm.input_groups * kLstmGates * kGroupBytes;
  sums = AddGroups(sums, weights, lstm.state_groups, step.last_outputs[item],
                   step.last_outputs[item + 1]);
  const int unit = block * kBlockRows;
  FinishUnits(tables, lstm, block, sums.first, step.states[item] + unit, step.outputs[item] + unit);
  FinishUnits(tables, lstm, block, sums.second, step.states[item + 1] + unit,
              step.outputs[item + 1] + unit);
}

GNOSIS_AVX2 void OneSequence(const Tables& tables, const PackedLstm& lstm, int block,
                             const LstmStep& step, int item) {
  const int8_t* weights = BlockWeights(lstm, block);
  GateSums sums = AddGroups(NoSums(), weights, lstm.input_groups, step.inputs[item]);
  weights += lstm.input_groups * kLstmGates * kGroupBytes;
  sums = AddGroups(sums, weights, lstm.state_groups, step.last_outputs[item]);
  const int unit = block * kBlockRows;
  FinishUnits(tables, lstm, block, sums, step.states[item] + unit, step.outputs[item] + unit);
}

// Blocks outside, so that a block's weights stay in the nearest cache for all sequences.
GNOSIS_AVX2 void Avx2LstmStep(const PackedLstm& lstm, const LstmStep& step) {
  const Tables tables;
  for (int block = 0; block < lstm.units / kBlockRows; ++block) {
    int item = 0;
    for (; item + 2 <= step.count; item += 2) TwoSequences(tables, lstm, block, step, item);
    if (item < step.count) OneSequence(tables, lstm, block, step, item);
  }
}

template <int kBlocks>
GNOSIS_AVX2_INLINE void MultiplyBlocks(const PackedMatrix& matrix, int first, const int8_t* input,
                                       float* output) {
  const size_t block_bytes = size_t(matrix.groups) * kGroupBytes;
  const int8_t* weights = matrix.weights.data() + size_t(first) * block_bytes;
  __m256i sums[kBlocks];
  for (auto& sum : sums) sum = _mm256_setzero_si256();
  for (int group = 0; group < matrix.groups; ++group) {
    const __m256i inputs = Broadcast(input + group * kGroupInputs);
    const __m256i magnitude = _mm256_abs_epi8(inputs);
    for (int block = 0; block < kBlocks; ++block) {
      sums[block] = AddProducts(
          sums[block], LoadWeights(weights + size_t(block) * block_bytes + group * kGroupBytes),
          inputs, magnitude);
    }
  }
  for (int block = 0; block < kBlocks; ++block) {
    const int at = (first + block) * kBlockRows;
    _mm256_storeu_ps(output + at,
                     Scaled(sums[block], &matrix.bias[size_t(at)], &matrix.scale[size_t(at)]));
  }
}

GNOSIS_AVX2 void Avx2Multiply(const PackedMatrix& matrix, const int8_t* input, float* output) {
  int block = 0;
  for (; block + 4 <= matrix.blocks; block += 4) MultiplyBlocks<4>(matrix, block, input, output);
  for (; block < matrix.blocks; ++block) MultiplyBlocks<1>(matrix, block, input, output);
}

GNOSIS_AVX2 void Avx2ConvolveCell(const PackedMatrix& matrix, const CellOf<int8_t>& cell,
                                  int8_t* output) {
  const Tables tables;
  for (int block = 0; block < matrix.blocks; ++block) {
    const int8_t* weights =
        matrix.weights.data() + size_t(block) * size_t(matrix.groups) * kGroupBytes;
    __m256i largest = _mm256_set1_epi32(INT32_MIN);
    for (const auto& window : cell) {
      __m256i sums = _mm256_setzero_si256();
      for (int column = 0; column < kWindowSide; ++column) {
        const __m256i pixels = Broadcast(window.data() + column * kWindowStep);
        sums = AddProducts(sums, LoadWeights(weights + column * kGroupBytes), pixels,
                           _mm256_abs_epi8(pixels));
      }
      largest = _mm256_max_epi32(largest, sums);
    }
    const size_t at = size_t(block) * kBlockRows;
    StoreBytes(Tanh(tables, Scaled(largest, &matrix.bias[at], &matrix.scale[at])), output + at);
  }
}

GNOSIS_AVX2 void Avx2MultiplyFloats(const FloatMatrix& matrix, const float* const* inputs,
                                    float* const* outputs, int count) {
  MultiplyFloats(matrix, inputs, outputs, count);
}

}  // namespace

const Kernels* Avx2Kernels() {
  static const Kernels kernels = {"avx2", Avx2LstmStep, Avx2Multiply, Avx2ConvolveCell,
                                  Avx2MultiplyFloats};
  return __builtin_cpu_supports("avx2") ? &kernels : nullptr;
}

}  // namespace gnosis

#else

namespace gnosis {

const Kernels* Avx2Kernels() { return nullptr; }

}  // namespace gnosis

#endif
