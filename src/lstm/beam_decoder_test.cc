#include "lstm/beam_decoder.h"

#include <gmock/gmock.h>

#include "lstm/line_words.h"
#include "support/model_builder.h"

namespace gnosis {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr int kOutputs = 6;
// Network outputs, as in SmallRecoder.
constexpr int kBlank = 0;
constexpr int kA = 1;
constexpr int kHashOutput = 2;
constexpr int kSeven = 3;
constexpr int kNothing = 5;

class BeamDecoderTest : public ::testing::Test {
 public:
  BeamDecoderTest()
      : characters_(*ReadCharacterSet(SmallCharacterSet())),
        outputs_(*ReadRecoder(SmallRecoder(), characters_, kNothing)) {
    outputs_.character.resize(kOutputs, kNoCharacter);
  }

  // A column where `output` has `probability`, and `other` the rest.
  BeamDecoderTest& Column(int output, float probability = 0.999F, int other = kNothing) {
    std::vector<float> column(kOutputs, 1e-6F);
    column[size_t(output == kNothing && other == kNothing ? kA : other)] = 1 - probability;
    column[size_t(output)] = probability;
    line_.values.insert(line_.values.end(), column.begin(), column.end());
    line_.outputs = kOutputs;
    ++line_.width;
    return *this;
  }

  std::vector<LineWord> Words() {
    const auto dictionary = Dictionary::Read("", words_, "", characters_);
    BeamDecoder decoder(characters_, outputs_, kNothing, *dictionary);
    return CollectWords(decoder.Decode(line_), characters_, 3);
  }
  std::vector<std::string> Texts() {
    std::vector<std::string> texts;
    for (const LineWord& word : Words()) texts.push_back(word.text);
    return texts;
  }

  CharacterSet characters_;
  OutputCharacters outputs_;
  std::string words_;
  LineOutputs line_;
};

TEST_F(BeamDecoderTest, RepeatedColumnsAreOneCharacter) {
  Column(kA).Column(kA).Column(kNothing).Column(kHashOutput).Column(kHashOutput);
  EXPECT_THAT(Texts(), ElementsAre("a#"));
}

TEST_F(BeamDecoderTest, NothingPartsTwoOfTheSame) {
  Column(kA).Column(kNothing).Column(kA);
  EXPECT_THAT(Texts(), ElementsAre("aa"));
}

TEST_F(BeamDecoderTest, BlanksPartWords) {
  Column(kA).Column(kNothing).Column(kBlank).Column(kNothing).Column(kSeven);
  EXPECT_THAT(Texts(), ElementsAre("a", "7"));
}

TEST_F(BeamDecoderTest, ALineOfNothingHasNoWords) {
  Column(kNothing).Column(kNothing).Column(kNothing);
  EXPECT_THAT(Texts(), IsEmpty());
}

TEST_F(BeamDecoderTest, ALineWithoutColumnsHasNoWords) { EXPECT_THAT(Texts(), IsEmpty()); }

// "a" shares its first column with nothing; on its own that column would have a probability of
// 0.55.
TEST_F(BeamDecoderTest, AColumnSharedWithNothingIsAsCertainAsBoth) {
  Column(kNothing).Column(kA, 0.55F).Column(kA).Column(kNothing);
  const std::vector<LineWord> words = Words();
  ASSERT_EQ(words.size(), 1u);
  EXPECT_GT(words[0].certainty, -4);
}

TEST_F(BeamDecoderTest, TheDictionaryDecidesWhatTheNetworkCannot) {
  Column(kSeven, 0.52F, kA).Column(kNothing);
  EXPECT_THAT(Texts(), ElementsAre("7"));
  DawgBuilder words(6);
  words.Add({kLetterA});
  words_ = words.Build();
  EXPECT_THAT(Texts(), ElementsAre("a"));
  EXPECT_EQ(Words()[0].kind, WordKind::kWord);
}

TEST_F(BeamDecoderTest, TheDictionaryDoesNotOverruleTheNetwork) {
  DawgBuilder words(6);
  words.Add({kLetterA});
  words_ = words.Build();
  Column(kSeven, 0.98F, kA).Column(kNothing);
  EXPECT_THAT(Texts(), ElementsAre("7"));
}

TEST_F(BeamDecoderTest, CharactersTouchAndFillTheLine) {
  Column(kNothing).Column(kA).Column(kNothing).Column(kNothing).Column(kSeven).Column(kNothing);
  const std::vector<LineWord> words = Words();
  ASSERT_EQ(words.size(), 1u);
  ASSERT_EQ(words[0].characters.size(), 2u);
  EXPECT_EQ(words[0].characters[0].left, 0);
  EXPECT_EQ(words[0].characters[0].right, words[0].characters[1].left);
  EXPECT_EQ(words[0].characters[1].right, 18);
}

TEST_F(BeamDecoderTest, DecodesTheSameTwice) {
  for (int i = 0; i < 40; ++i) Column(i % 3 == 0 ? kA : kNothing, 0.6F, kSeven);
  EXPECT_EQ(Texts(), Texts());
}

}  // namespace
}  // namespace gnosis
