#include "lstm/line_recogniser.h"

#include <gtest/gtest.h>

#include <random>

#include "lstm/model_builder.h"

namespace gnosis {
namespace {

GrayImage Noise(int width, int height, uint32_t seed) {
  std::mt19937 random(seed);
  GrayImage image{width, height, std::vector<uint8_t>(size_t(width) * size_t(height))};
  for (uint8_t& pixel : image.pixels) pixel = uint8_t(random());
  return image;
}

// Everything that a reading is, as text.
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

TEST(LineRecogniser, ALineDoesNotDependOnItsCompany) {
  const std::string model = ModelBuilder().Build();
  const std::vector<GrayImage> lines = ManyLines();
  const auto together = Read(model, lines, BestKernels());
  ASSERT_EQ(together.size(), lines.size());
  for (size_t i = 0; i < lines.size(); ++i) {
    EXPECT_EQ(Read(model, {lines[i]}, BestKernels())[0], together[i]) << i;
  }
}

TEST(LineRecogniser, AllKernelsReadTheSame) {
  for (uint32_t seed = 1; seed <= 5; ++seed) {
    NetworkBuilder network;
    network.seed = seed;
    const std::string model = ModelBuilder{.network = network.BuildPart()}.Build();
    const std::vector<GrayImage> lines = ManyLines();
    EXPECT_EQ(Read(model, lines, BestKernels()), Read(model, lines, ScalarKernels()));
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
