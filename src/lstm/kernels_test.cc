#include "lstm/kernels.h"

#include <gtest/gtest.h>

#include <random>

#include "lstm/activation.h"

namespace gnosis {
namespace {

class KernelsTest : public ::testing::TestWithParam<const Kernels* (*)()> {
 protected:
  void SetUp() override {
    if (GetParam()() == nullptr) GTEST_SKIP() << "not for this processor";
  }
  const Kernels& Fast() const { return *GetParam()(); }

  int Random(int low, int high) { return std::uniform_int_distribution<int>(low, high)(random_); }
  WeightMatrix Matrix(int rows, int inputs) {
    WeightMatrix matrix{rows, inputs + 1, {}, {}};
    for (int i = 0; i < rows * (inputs + 1); ++i) {
      matrix.values.push_back(
          int8_t(Random(0, 9) == 0 ? Random(0, 1) * 254 - 127 : Random(-127, 127)));
    }
    for (int i = 0; i < rows; ++i) matrix.scales.push_back(float(Random(1, 400)) * 1e-6F);
    return matrix;
  }
  std::vector<uint8_t> Inputs(int size) {
    std::vector<uint8_t> inputs;
    for (int i = 0; i < size; ++i) inputs.push_back(uint8_t(Random(1, 255)));
    return inputs;
  }

  std::mt19937 random_{7};
};

INSTANTIATE_TEST_SUITE_P(Avx2, KernelsTest, ::testing::Values(&Avx2Kernels));
INSTANTIATE_TEST_SUITE_P(Vnni, KernelsTest, ::testing::Values(&VnniKernels));

// The outputs and states of `count` sequences after several steps.
std::pair<std::vector<uint8_t>, std::vector<float>> RunLstm(
    const Kernels& kernels, const LayerNode& node, int count,
    const std::vector<std::vector<uint8_t>>& inputs) {
  const PackedLstm lstm = PackLstm(node, kernels.packing);
  std::vector<uint8_t> last(size_t(count * lstm.units + kReadBeyond), uint8_t{kZeroByte});
  std::vector<uint8_t> outputs(last.size());
  std::vector<float> states(last.size());
  std::vector<const uint8_t*> in, before;
  std::vector<uint8_t*> out;
  std::vector<float*> state;
  for (int i = 0; i < count; ++i) {
    before.push_back(last.data() + i * lstm.units);
    out.push_back(outputs.data() + i * lstm.units);
    state.push_back(states.data() + i * lstm.units);
  }
  for (size_t step = 0; step + size_t(count) <= inputs.size(); step += size_t(count)) {
    in.clear();
    for (int i = 0; i < count; ++i) in.push_back(inputs[step + size_t(i)].data());
    kernels.lstm_step(lstm, {count, in.data(), before.data(), out.data(), state.data()});
    last = outputs;
  }
  return {outputs, states};
}

TEST_P(KernelsTest, AnLstmGivesTheSameBits) {
  for (const auto& [inputs, units] : {std::pair(4, 8), std::pair(18, 24), std::pair(96, 48)}) {
    LayerNode node{.kind = LayerKind::kLstm, .inputs = inputs, .outputs = units};
    for (int gate = 0; gate < kLstmGates; ++gate) {
      node.weights.push_back(Matrix(units, inputs + units));
    }
    std::vector<std::vector<uint8_t>> values;
    for (int i = 0; i < 30; ++i) values.push_back(Inputs(inputs + 2 + kReadBeyond));
    for (const int count : {1, 2, 3, 5, 15}) {
      EXPECT_EQ(RunLstm(Fast(), node, count, values), RunLstm(ScalarKernels(), node, count, values))
          << inputs << " " << units << " " << count;
    }
  }
}

// More sequences than any kernel processes together.
TEST_P(KernelsTest, ManySequencesGiveTheSameBits) {
  LayerNode node{.kind = LayerKind::kLstm, .inputs = 20, .outputs = 16};
  for (int gate = 0; gate < kLstmGates; ++gate) node.weights.push_back(Matrix(16, 36));
  std::vector<std::vector<uint8_t>> values;
  for (int i = 0; i < 2 * 75; ++i) values.push_back(Inputs(20 + kReadBeyond));
  EXPECT_EQ(RunLstm(Fast(), node, 75, values), RunLstm(ScalarKernels(), node, 75, values));
}

std::vector<float> Multiply(const Kernels& kernels, const WeightMatrix& weights,
                            const std::vector<uint8_t>& inputs) {
  const PackedMatrix matrix = PackMatrix(weights, kernels.packing);
  std::vector<float> sums(size_t(matrix.blocks) * kBlockRows);
  kernels.multiply(matrix, inputs.data(), sums.data());
  return sums;
}

TEST_P(KernelsTest, ALayerGivesTheSameBits) {
  for (const auto& [outputs, inputs] :
       {std::pair(8, 4), std::pair(111, 192), std::pair(33, 7), std::pair(41, 96)}) {
    const WeightMatrix matrix = Matrix(outputs, inputs);
    const std::vector<uint8_t> values = Inputs(inputs + kGroupInputs + kReadBeyond);
    EXPECT_EQ(Multiply(Fast(), matrix, values), Multiply(ScalarKernels(), matrix, values))
        << outputs << " " << inputs;
  }
}

TEST_P(KernelsTest, FloatsGiveTheSameBits) {
  for (const auto& [outputs, inputs] : {std::pair(16, 12), std::pair(111, 192), std::pair(40, 7)}) {
    WeightMatrix weights{outputs, inputs + 1, {}, {}, {}};
    for (int i = 0; i < outputs * (inputs + 1); ++i) {
      weights.floats.push_back(float(Random(-1000, 1000)) / 777);
    }
    const FloatMatrix matrix = StackFloats({&weights, 1});
    for (const int count : {1, 4, 7}) {
      const std::vector<float> nothing(static_cast<size_t>(inputs));
      std::vector<std::vector<float>> values(static_cast<size_t>(count), nothing);
      std::vector<const float*> in;
      for (auto& vector : values) {
        for (float& value : vector) value = float(Random(-127, 127)) / 127;
        in.push_back(vector.data());
      }
      const std::vector<float> none(size_t(matrix.blocks) * kFloatBlock);
      std::vector<std::vector<float>> scalar(values.size(), none), fast(values.size(), none);
      std::vector<float*> scalar_out, fast_out;
      for (auto& vector : scalar) scalar_out.push_back(vector.data());
      for (auto& vector : fast) fast_out.push_back(vector.data());
      ScalarKernels().multiply_floats(matrix, in.data(), scalar_out.data(), count);
      Fast().multiply_floats(matrix, in.data(), fast_out.data(), count);
      EXPECT_EQ(fast, scalar) << outputs << " " << inputs << " " << count;
      float expected = 0;
      for (int i = 0; i < inputs; ++i) expected += weights.floats[size_t(i)] * values[0][size_t(i)];
      EXPECT_NEAR(scalar[0][0], expected + weights.floats[size_t(inputs)], 1e-4);
    }
  }
}

TEST_P(KernelsTest, AConvolutionGivesTheSameBits) {
  const WeightMatrix weights = Matrix(16, kWindowValues);
  const PackedMatrix matrix = PackMatrix(weights, Packing::kGroups);
  for (int round = 0; round < 50; ++round) {
    CellOf<uint8_t> cell;
    for (auto& window : cell) {
      const std::vector<uint8_t> values = Inputs(kWindowValues);
      std::copy(values.begin(), values.end(), window.begin());
    }
    std::vector<uint8_t> scalar(16);
    std::vector<uint8_t> fast(16);
    ScalarKernels().convolve_cell(matrix, cell, scalar.data());
    Fast().convolve_cell(matrix, cell, fast.data());
    EXPECT_EQ(fast, scalar);
  }
}

// With all weights and inputs at their maximum, nothing overflows.
TEST_P(KernelsTest, TheLargestSumsAreExact) {
  for (const int weight : {-127, 127}) {
    const WeightMatrix matrix{8, 65, std::vector<int8_t>(8 * 65, int8_t(weight)),
                              std::vector<float>(8, 1)};
    for (const int input : {-127, 127}) {
      const std::vector<uint8_t> inputs(64 + kReadBeyond, uint8_t(kZeroByte + input));
      EXPECT_EQ(Multiply(Fast(), matrix, inputs)[0], 64 * weight * input + 127 * weight);
    }
  }
}

}  // namespace
}  // namespace gnosis
