#include "lstm/dictionary.h"

#include <gtest/gtest.h>

#include "support/model_builder.h"

namespace gnosis {
namespace {

constexpr int kPattern = 0;

class DictionaryTest : public ::testing::Test {
 protected:
  DictionaryTest() : characters_(*ReadCharacterSet(SmallCharacterSet())) {
    DawgBuilder words(6);
    words.Add({kLetterA});
    words.Add({kLetterA, kLetterA, kDigit});
    words_ = words.Build();
    DawgBuilder numbers(6);
    numbers.Add({kPattern, kPattern});
    numbers_ = numbers.Build();
    DawgBuilder punctuation(6);
    punctuation.Add({kPattern});
    punctuation.Add({kHash, kPattern, kHash});
    punctuation_ = punctuation.Build();
  }

  // The step for the last of the letters.
  DictionaryWalk::Step Walk(const std::vector<int>& letters) {
    const auto dictionary = Dictionary::Read(punctuation_, words_, numbers_, characters_);
    EXPECT_TRUE(dictionary.ok());
    DictionaryWalk walk(*dictionary, characters_);
    DictionaryWalk::Step step;
    step.place = DictionaryWalk::kWordStart;
    for (const int letter : letters) {
      step = walk.Follow(step.place, letter);
      if (step.kind == WordKind::kNone) break;
    }
    return step;
  }

  CharacterSet characters_;
  std::string words_;
  std::string numbers_;
  std::string punctuation_;
};

TEST_F(DictionaryTest, AWordOfTheListIsAWordWhereItEnds) {
  EXPECT_TRUE(Walk({kLetterA}).ends_word);
  EXPECT_EQ(Walk({kLetterA}).kind, WordKind::kWord);
  EXPECT_FALSE(Walk({kLetterA, kLetterA}).ends_word);
  EXPECT_TRUE(Walk({kLetterA, kLetterA, kDigit}).ends_word);
}

TEST_F(DictionaryTest, AnotherLetterDoesNotFollow) {
  EXPECT_EQ(Walk({kLetterA, kDigit}).kind, WordKind::kNone);
  EXPECT_EQ(Walk({kSpaceCharacter}).kind, WordKind::kNone);
  EXPECT_EQ(Walk({kNoCharacter}).kind, WordKind::kNone);
}

TEST_F(DictionaryTest, AnyDigitStandsForAllOfANumber) {
  EXPECT_EQ(Walk({kDigit, kDigit}).kind, WordKind::kNumber);
  EXPECT_TRUE(Walk({kDigit, kDigit}).ends_word);
  EXPECT_FALSE(Walk({kDigit}).ends_word);
}

TEST_F(DictionaryTest, PunctuationStandsAroundAWord) {
  EXPECT_EQ(Walk({kHash}).kind, WordKind::kPunctuation);
  EXPECT_FALSE(Walk({kHash, kLetterA}).ends_word);
  EXPECT_TRUE(Walk({kHash, kLetterA, kHash}).ends_word);
  EXPECT_EQ(Walk({kLetterA, kHash}).kind, WordKind::kNone);
}

TEST_F(DictionaryTest, WithoutPunctuationWordsStandAlone) {
  punctuation_.clear();
  EXPECT_TRUE(Walk({kLetterA}).ends_word);
  EXPECT_EQ(Walk({kHash}).kind, WordKind::kNone);
}

TEST_F(DictionaryTest, RemembersThousandsOfPlaces) {
  DawgBuilder words(6);
  words.Add(std::vector<int>(5000, kLetterA));
  words_ = words.Build();
  const DictionaryWalk::Step step = Walk(std::vector<int>(5000, kLetterA));
  EXPECT_TRUE(step.ends_word);
}

TEST_F(DictionaryTest, AListThatLeadsOutOfItselfIsRefused) {
  words_[10 + 2] = '\x7F';  // the next node of the first edge
  EXPECT_EQ(Dictionary::Read("", words_, "", characters_).code(), ErrorCode::kDamaged);
}

}  // namespace
}  // namespace gnosis
