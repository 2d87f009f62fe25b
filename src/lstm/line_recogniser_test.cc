#include "lstm/line_recogniser.h"

#include <gtest/gtest.h>

#include <random>

#include "lstm/byte_reader.h"
#include "lstm/line_network.h"
#include "support/model_builder.h"

namespace gnosis {
namespace {

GrayImage Noise(int width, int height, uint32_t seed) {
  std::mt19937 random(seed);
  GrayImage image{width, height, std::vector<uint8_t>(size_t(width) * size_t(height))};
  for (uint8_t& pixel : image.pixels) pixel = uint8_t(random());
  return image;
}

// All data of a result, as text.
std::string Describe(const std::vector<LineWord>& words) {
  std::string text;
  for (const LineWord& word : words) {
    text += word.text + " " + std::to_string(word.certainty) + ":";
    for (const LineCharacter& character : word.characters) {
      text += " " + std::to_string(character.left) + "-" + std::to_string(character.right);
    }
    text += "\n";
  }
  return text;
}

std::vector<std::string> Read(const std::string& model, const std::vector<GrayImage>& lines,
                              const Kernels& kernels) {
  auto recogniser = ReadLineRecogniser(model, kernels);
  EXPECT_TRUE(recogniser.ok());
  std::vector<std::string> texts;
  for (const auto& words : (*recogniser)->Recognise(lines)) texts.push_back(Describe(words));
  return texts;
}

std::vector<GrayImage> ManyLines() {
  std::vector<GrayImage> lines;
  for (uint32_t i = 0; i < 21; ++i) lines.push_back(Noise(int(9 + i * 31 % 200), 10 + i % 7, i));
  return lines;
}

constexpr uint8_t kIntegers = 0x81, kFloats = 0x80;
std::string RandomModel(uint8_t weight_mode, uint32_t seed = 1) {
  NetworkBuilder network;
  network.seed = seed;
  network.weight_mode = weight_mode;
  return ModelBuilder{.network = network.BuildPart()}.Build();
}

TEST(LineRecogniser, ALineDoesNotDependOnItsCompany) {
  for (const uint8_t weights : {kIntegers, kFloats}) {
    const std::string model = RandomModel(weights);
    const std::vector<GrayImage> lines = ManyLines();
    const auto together = Read(model, lines, BestKernels());
    ASSERT_EQ(together.size(), lines.size());
    for (size_t i = 0; i < lines.size(); ++i) {
      EXPECT_EQ(Read(model, {lines[i]}, BestKernels())[0], together[i]) << i;
    }
  }
}

TEST(LineRecogniser, AllKernelsReadTheSame) {
  for (uint32_t seed = 1; seed <= 5; ++seed) {
    for (const uint8_t weights : {kIntegers, kFloats}) {
      const std::string model = RandomModel(weights, seed);
      const std::vector<GrayImage> lines = ManyLines();
      EXPECT_EQ(Read(model, lines, BestKernels()), Read(model, lines, ScalarKernels()));
    }
  }
}

// Apart from rounding, the weights are the same numbers in both forms.
TEST(LineNetwork, FloatsSayNearlyWhatIntegersSay) {
  std::vector<std::vector<LineOutputs>> outputs;
  const GrayImage line = Noise(90, 12, 5);
  for (const uint8_t weights : {kIntegers, kFloats}) {
    NetworkBuilder builder;
    builder.weight_mode = weights;
    const std::string bytes = builder.Build();
    ByteReader reader(bytes, "network");
    const auto layers = ReadLayer(reader);
    ASSERT_TRUE(layers.ok());
    const auto network = BuildLineNetwork(*layers, 7, BestKernels());
    ASSERT_TRUE(network.ok()) << network.error().message;
    outputs.push_back((*network)->Run(std::vector{&line}, Polarity::kAsIs));
  }
  const LineOutputs& integers = outputs[0][0];
  const LineOutputs& floats = outputs[1][0];
  ASSERT_EQ(floats.width, 30);
  ASSERT_EQ(floats.values.size(), integers.values.size());
  for (size_t i = 0; i < floats.values.size(); ++i) {
    EXPECT_NEAR(floats.values[i], integers.values[i], 0.15) << i;
  }
}

TEST(LineRecogniser, RandomModelsReadSomething) {
  const auto texts = Read(ModelBuilder().Build(), ManyLines(), BestKernels());
  size_t letters = 0;
  for (const std::string& text : texts) letters += text.size();
  EXPECT_GT(letters, 0u);
}

TEST(LineRecogniser, LinesTooSmallToBeTextHaveNoWords) {
  const std::vector<GrayImage> lines = {{}, Noise(1, 1, 1), Noise(1, 400, 2), Noise(90, 12, 3)};
  const auto texts = Read(ModelBuilder().Build(), lines, BestKernels());
  ASSERT_EQ(texts.size(), 4u);
  EXPECT_EQ(texts[0], "");
  EXPECT_EQ(texts[2], "");
}

TEST(LineRecogniser, AFileThatIsNotThereIsNamed) {
  const auto recogniser = LoadLineRecogniser("/nowhere/eng.traineddata");
  ASSERT_FALSE(recogniser.ok());
  EXPECT_EQ(recogniser.code(), ErrorCode::kNotFound);
}

}  // namespace
}  // namespace gnosis
