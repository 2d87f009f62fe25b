#include "lstm/model_file.h"

#include <gmock/gmock.h>

#include "lstm/line_recogniser.h"
#include "support/model_builder.h"

namespace gnosis {
namespace {

using ::testing::HasSubstr;

Error ErrorOf(const std::string& model) {
  const auto recogniser = ReadLineRecogniser(model);
  return recogniser.ok() ? Error{ErrorCode::kInternal, "none", ""} : recogniser.error();
}

TEST(ModelFile, ASmallModelIsRead) {
  const std::string model = ModelBuilder().Build();
  const auto recogniser = ReadLineRecogniser(model);
  ASSERT_TRUE(recogniser.ok()) << recogniser.error().message;
}

TEST(ModelFile, FindsItsParts) {
  const ModelBuilder builder{.words = "words"};
  const std::string model = builder.Build();
  const auto parts = SplitModelFile(model);
  ASSERT_TRUE(parts.ok());
  EXPECT_EQ(parts->network, builder.network);
  EXPECT_EQ(parts->word_dawg, "words");
  EXPECT_EQ(parts->characters, builder.characters);
  EXPECT_EQ(parts->recoder, builder.recoder);
  EXPECT_EQ(parts->number_dawg, "");
}

TEST(ModelFile, SaysWhatItCannotRun) {
  struct Case {
    std::string model;
    std::string message;
  };
  NetworkBuilder early;
  early.weight_mode = 0x01;
  NetworkBuilder odd;
  odd.extra_layer = "Relu";
  NetworkBuilder colours;
  ModelBuilder legacy;
  legacy.network = "";
  ModelBuilder several;
  several.recoder = SmallRecoder();
  several.recoder[4 + 1] = 2;  // the first character's length
  for (const Case& test : std::vector<Case>{
           {ModelBuilder{.network = early.BuildPart()}.Build(), "weights in an old format"},
           {ModelBuilder{.network = odd.BuildPart()}.Build(), "a layer of unsupported type Relu"},
           {legacy.Build(), "no LSTM network"},
           {several.Build(), "several outputs"}}) {
    const Error error = ErrorOf(test.model);
    EXPECT_EQ(error.code, ErrorCode::kUnsupportedFormat) << error.message;
    EXPECT_THAT(error.message, HasSubstr(test.message));
    EXPECT_THAT(error.hint, HasSubstr("tesseract"));
  }
}

TEST(ModelFile, SaysWhatIsDamaged) {
  ModelBuilder characters;
  characters.characters = "6\nNULL 0 Common 0\n";
  ModelBuilder recoder;
  recoder.recoder = SmallRecoder({0, 5, 5, 1, 2, 6});
  ModelBuilder words;
  words.words = "no words";
  ModelBuilder network;
  network.network.resize(network.network.size() / 2);
  for (const ModelBuilder& builder : {characters, recoder, words, network}) {
    const Error error = ErrorOf(builder.Build());
    EXPECT_EQ(error.code, ErrorCode::kDamaged) << error.message;
    EXPECT_THAT(error.hint, HasSubstr("install"));
  }
}

TEST(ModelFile, EveryCutIsAnError) {
  const std::string model = ModelBuilder().Build();
  for (size_t size = 0; size < model.size(); size += 7) {
    EXPECT_FALSE(ReadLineRecogniser(std::string_view(model).substr(0, size)).ok()) << size;
  }
}

// Whichever byte is changed, the model is rejected or can process a line.
TEST(ModelFile, NoChangedByteDoesHarm) {
  DawgBuilder words(6);
  words.Add({kLetterA, kHash});
  const std::string model = ModelBuilder{.words = words.Build()}.Build();
  const std::vector<GrayImage> lines = {{40, 12, std::vector<uint8_t>(480, 200)}};
  int read = 0;
  for (size_t at = 0; at < model.size(); at += at < 400 ? 1 : 37) {
    for (const int change : {0x01, 0x80, 0xFF}) {
      std::string changed = model;
      changed[at] = char(changed[at] ^ change);
      const auto recogniser = ReadLineRecogniser(changed, ScalarKernels());
      if (!recogniser.ok()) continue;
      EXPECT_EQ((*recogniser)->Recognise(lines).size(), 1u);
      ++read;
    }
  }
  EXPECT_GT(read, 10);
}

}  // namespace
}  // namespace gnosis
