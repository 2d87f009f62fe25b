// Only functions with the target attribute are compiled for AVX2. If the whole file were, the
// linker might choose its copy of an inline function from a header for the entire program.
#include "lstm/kernels.h"

#if defined(__x86_64__)

#include <immintrin.h>

#include <cstring>

#include "lstm/activation.h"

#define GNOSIS_AVX2 __attribute__((target("avx2")))
#define GNOSIS_AVX2_INLINE __attribute__((target("avx2"), always_inline)) inline

namespace gnosis {
namespace {

constexpr float kStateLimit = 100;

struct Tables {
  const ActivationEntry* tanh = TanhTable().data();
  const ActivationEntry* logistic = LogisticTable().data();
};

GNOSIS_AVX2_INLINE __m256i LoadWeights(const int8_t* weights) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(weights));
}

GNOSIS_AVX2_INLINE __m256i Broadcast(const uint8_t* inputs) {
  int32_t group;
  std::memcpy(&group, inputs, sizeof(group));
  return _mm256_set1_epi32(group);
}

// For values >= 0. Eight loads of a pair each are faster than two gathers.
GNOSIS_AVX2_INLINE __m256 LookUp(const ActivationEntry* table, __m256 x) {
  const __m256 place = _mm256_min_ps(_mm256_mul_ps(x, _mm256_set1_ps(kActivationsPerUnit)),
                                     _mm256_set1_ps(float(kActivationSteps - 1)));
  const __m256i index = _mm256_cvttps_epi32(place);
  const __m256 rest = _mm256_sub_ps(place, _mm256_cvtepi32_ps(index));
  // Extracted in pairs: loads are the bottleneck.
  alignas(32) uint64_t at[4];
  _mm256_store_si256(reinterpret_cast<__m256i*>(at), index);
  const auto two = [table](uint64_t both) GNOSIS_AVX2 {
    const ActivationEntry* first = table + uint32_t(both);
    const ActivationEntry* second = table + (both >> 32);
    const __m128d low = _mm_load_sd(reinterpret_cast<const double*>(first));
    return _mm_castpd_ps(_mm_loadh_pd(low, reinterpret_cast<const double*>(second)));
  };
  const __m256 even = _mm256_set_m128(two(at[2]), two(at[0]));
  const __m256 odd = _mm256_set_m128(two(at[3]), two(at[1]));
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

GNOSIS_AVX2_INLINE __m256i ZeroBytes() { return _mm256_set1_epi8(int8_t(kZeroByte)); }

GNOSIS_AVX2_INLINE void StoreBytes(__m256 values, uint8_t* output) {
  const __m256 scaled = _mm256_mul_ps(values, _mm256_set1_ps(127));
  const __m256 half = _mm256_or_ps(Signs(scaled), _mm256_set1_ps(0.5F));
  const __m256i whole = _mm256_cvttps_epi32(_mm256_add_ps(scaled, half));
  const __m256i shorts = _mm256_packs_epi32(whole, whole);
  const __m256i bytes = _mm256_packs_epi16(shorts, shorts);
  const __m256i unsigned_bytes = _mm256_xor_si256(bytes, ZeroBytes());
  const int32_t low = _mm256_extract_epi32(unsigned_bytes, 0);
  const int32_t high = _mm256_extract_epi32(unsigned_bytes, 4);
  std::memcpy(output, &low, sizeof(low));
  std::memcpy(output + sizeof(low), &high, sizeof(high));
}

GNOSIS_AVX2_INLINE __m256 Scaled(__m256i sums, const int32_t* bias, const float* scale) {
  const __m256i biased =
      _mm256_add_epi32(sums, _mm256_loadu_si256(reinterpret_cast<const __m256i*>(bias)));
  return _mm256_mul_ps(_mm256_cvtepi32_ps(biased), _mm256_loadu_ps(scale));
}

// The last part of a step, for the eight units of a block.
GNOSIS_AVX2_INLINE void FinishUnits(const Tables& tables, const PackedLstm& lstm, int block,
                                    const __m256i (&sums)[kLstmGates], float* states,
                                    uint8_t* outputs) {
  const size_t at = size_t(block) * kLstmGates * kBlockRows;
  const int32_t* bias = lstm.bias.data() + at;
  const float* scale = lstm.scale.data() + at;
  const __m256 cell = Tanh(tables, Scaled(sums[0], bias, scale));
  const __m256 in = Logistic(tables, Scaled(sums[1], bias + 8, scale + 8));
  const __m256 keep = Logistic(tables, Scaled(sums[2], bias + 16, scale + 16));
  const __m256 out = Logistic(tables, Scaled(sums[3], bias + 24, scale + 24));
  const __m256 kept = _mm256_mul_ps(_mm256_loadu_ps(states), keep);
  const __m256 sum = _mm256_add_ps(kept, _mm256_mul_ps(cell, in));
  const __m256 state =
      _mm256_max_ps(_mm256_set1_ps(-kStateLimit), _mm256_min_ps(_mm256_set1_ps(kStateLimit), sum));
  _mm256_storeu_ps(states, state);
  StoreBytes(_mm256_mul_ps(Tanh(tables, state), out), outputs);
}

// Adds pairs of 16-bit sums.
GNOSIS_AVX2_INLINE __m256i Widened(__m256i sums) {
  return _mm256_madd_epi16(sums, _mm256_set1_epi16(1));
}

GNOSIS_AVX2_INLINE __m256i TwoGroups(__m256i first_inputs, __m256i second_inputs,
                                     const int8_t* weights) {
  return _mm256_add_epi16(_mm256_maddubs_epi16(first_inputs, LoadWeights(weights)),
                          _mm256_maddubs_epi16(second_inputs, LoadWeights(weights + kGroupBytes)));
}

// The 16 inputs of a segment: four groups, each repeated for eight rows.
struct SegmentInputs {
  __m256i all;
  __m256i first;
  __m256i second;
  __m256i third;
  __m256i fourth;
};
GNOSIS_AVX2_INLINE __m256i BroadcastSegment(const uint8_t* inputs) {
  return _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(inputs)));
}
GNOSIS_AVX2_INLINE SegmentInputs LoadInputs(const uint8_t* inputs) {
  return {BroadcastSegment(inputs), Broadcast(inputs), Broadcast(inputs + kGroupInputs),
          Broadcast(inputs + 2 * kGroupInputs), Broadcast(inputs + 3 * kGroupInputs)};
}

GNOSIS_AVX2_INLINE __m256i SpareProducts(__m256i segment_inputs, const int8_t* spare) {
  const __m256i inputs = _mm256_shuffle_epi8(segment_inputs, LoadWeights(spare + kGroupBytes));
  return Widened(_mm256_maddubs_epi16(inputs, LoadWeights(spare)));
}

GNOSIS_AVX2_INLINE __m256i AddProducts(__m256i sums, const SegmentInputs& inputs,
                                       const int8_t* weights) {
  const __m256i early = Widened(TwoGroups(inputs.first, inputs.second, weights));
  const __m256i late = Widened(TwoGroups(inputs.third, inputs.fourth, weights + 2 * kGroupBytes));
  const __m256i spare = SpareProducts(inputs.all, weights + kSegmentGroups * kGroupBytes);
  return _mm256_add_epi32(_mm256_add_epi32(sums, early), _mm256_add_epi32(late, spare));
}

// Adds the products of a block's weights to `sums`.
template <int kGates>
GNOSIS_AVX2_INLINE void AddSegments(const ShortSums& packed, int block, const uint8_t* inputs,
                                    __m256i (&sums)[kGates]) {
  const int8_t* weights =
      packed.weights.data() + size_t(block * packed.segments) * kGates * kSegmentBytes;
  for (int segment = 0; segment < packed.segments; ++segment) {
    const SegmentInputs input = LoadInputs(inputs + segment * kSegmentInputs);
#pragma GCC unroll 4
    for (int gate = 0; gate < kGates; ++gate, weights += kSegmentBytes) {
      sums[gate] = AddProducts(sums[gate], input, weights);
    }
  }
  const int end = packed.first_more[size_t(block) + 1];
  int more = packed.first_more[size_t(block)];
  const int8_t* spare = packed.more_weights.data() + size_t(more) * kGates * kSpareBytes;
  for (; more < end; ++more) {
    const __m256i input = BroadcastSegment(inputs + packed.more_input[size_t(more)]);
#pragma GCC unroll 4
    for (int gate = 0; gate < kGates; ++gate, spare += kSpareBytes) {
      sums[gate] = _mm256_add_epi32(sums[gate], SpareProducts(input, spare));
    }
  }
}

GNOSIS_AVX2_INLINE void RunUnits(const Tables& tables, const PackedLstm& lstm, int block,
                                 const LstmStep& step, int item) {
  const __m256i zero = _mm256_setzero_si256();
  __m256i sums[kLstmGates] = {zero, zero, zero, zero};
  AddSegments(lstm.input_sums, block, step.inputs[item], sums);
  AddSegments(lstm.state_sums, block, step.last_outputs[item], sums);
  const int unit = block * kBlockRows;
  FinishUnits(tables, lstm, block, sums, step.states[item] + unit, step.outputs[item] + unit);
}

// Blocks in the outer loop, so that a block's weights stay in the L1 cache for all sequences.
GNOSIS_AVX2 void Avx2LstmStep(const PackedLstm& lstm, const LstmStep& step) {
  const Tables tables;
  for (int block = 0; block < lstm.units / kBlockRows; ++block) {
    for (int item = 0; item < step.count; ++item) RunUnits(tables, lstm, block, step, item);
  }
}

GNOSIS_AVX2 void Avx2Multiply(const PackedMatrix& matrix, const uint8_t* input, float* output) {
  for (int block = 0; block < matrix.blocks; ++block) {
    __m256i sums[1] = {_mm256_setzero_si256()};
    AddSegments(matrix.short_sums, block, input, sums);
    const size_t at = size_t(block) * kBlockRows;
    _mm256_storeu_ps(output + at, Scaled(sums[0], &matrix.bias[at], &matrix.scale[at]));
  }
}

// The three columns of a window are written and read four bytes at a time: a wider load would stall
// on the stores. Pairs of products may overflow 16 bits, so values are converted back to -127 to
// 127, with their signs moved to the weights.
GNOSIS_AVX2_INLINE __m256i ConvolveWindow(const uint8_t* window, const __m256i* weights) {
  __m256i sums = _mm256_setzero_si256();
  for (int column = 0; column < kWindowSide; ++column) {
    const __m256i values = _mm256_xor_si256(Broadcast(window + column * kWindowStep), ZeroBytes());
    const __m256i magnitudes = _mm256_abs_epi8(values);
    const __m256i signed_weights = _mm256_sign_epi8(weights[column], values);
    sums = _mm256_add_epi32(sums, Widened(_mm256_maddubs_epi16(magnitudes, signed_weights)));
  }
  return sums;
}

GNOSIS_AVX2 void Avx2ConvolveCell(const PackedMatrix& matrix, const CellOf<uint8_t>& cell,
                                  uint8_t* output) {
  const Tables tables;
  for (int block = 0; block < matrix.blocks; ++block) {
    __m256i weights[kWindowSide];
    __m256i of_zeros = _mm256_setzero_si256();  // the sum for a window of zeros
    for (int column = 0; column < kWindowSide; ++column) {
      weights[column] =
          LoadWeights(matrix.weights.data() + (block * matrix.groups + column) * kGroupBytes);
      of_zeros =
          _mm256_add_epi32(of_zeros, Widened(_mm256_maddubs_epi16(ZeroBytes(), weights[column])));
    }
    __m256i largest = _mm256_set1_epi32(INT32_MIN);
    for (const auto& window : cell) {
      largest = _mm256_max_epi32(largest, ConvolveWindow(window.data(), weights));
    }
    const size_t at = size_t(block) * kBlockRows;
    const __m256i sums = _mm256_add_epi32(largest, of_zeros);
    StoreBytes(Tanh(tables, Scaled(sums, &matrix.bias[at], &matrix.scale[at])), output + at);
  }
}

GNOSIS_AVX2 void Avx2MultiplyFloats(const FloatMatrix& matrix, const float* const* inputs,
                                    float* const* outputs, int count) {
  MultiplyFloats(matrix, inputs, outputs, count);
}

}  // namespace

const Kernels* Avx2Kernels() {
  static const Kernels kernels = {"avx2",       Packing::kShortSums, Avx2LstmStep,
                                  Avx2Multiply, Avx2ConvolveCell,    Avx2MultiplyFloats};
  return __builtin_cpu_supports("avx2") ? &kernels : nullptr;
}

}  // namespace gnosis

#else

namespace gnosis {

const Kernels* Avx2Kernels() { return nullptr; }

}  // namespace gnosis

#endif
