#include "lstm/better_words.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace gnosis {
namespace {

using ::testing::ElementsAre;

// A word between two columns of pixels.
LineWord Word(const std::string& text, int left, int right, float certainty, float rating,
              WordKind kind = WordKind::kUnknown) {
  LineWord word;
  word.text = text;
  word.characters = {{1, left, (left + right) / 2}, {1, (left + right) / 2, right}};
  word.certainty = certainty;
  word.rating = rating;
  word.kind = kind;
  return word;
}

std::vector<std::string> Texts(const std::vector<LineWord>& words) {
  std::vector<std::string> texts;
  for (const LineWord& word : words) texts.push_back(word.text);
  return texts;
}

TEST(IsReadSurely, WhenEveryWordIs) {
  EXPECT_TRUE(IsReadSurely({Word("a", 0, 9, -1, 1), Word("b", 12, 20, -2.4F, 1)}));
  EXPECT_FALSE(IsReadSurely({Word("a", 0, 9, -1, 1), Word("b", 12, 20, -2.6F, 1)}));
  EXPECT_FALSE(IsReadSurely({}));
}

TEST(BetterWords, EachWordComesFromTheReadingThatIsSurer) {
  EXPECT_THAT(Texts(BetterWords({Word("one", 0, 30, -1, 1), Word("twe", 40, 70, -9, 8)},
                                {Word("ome", 0, 31, -5, 4), Word("two", 41, 70, -1, 1)})),
              ElementsAre("one", "two"));
}

TEST(BetterWords, WhereNeitherIsClearlyBetterTheFirstStays) {
  // More certain, but with a worse rating.
  EXPECT_THAT(Texts(BetterWords({Word("first", 0, 30, -3, 1)}, {Word("second", 0, 30, -2, 2)})),
              ElementsAre("first"));
  EXPECT_THAT(Texts(BetterWords({Word("first", 0, 30, -3, 1)}, {Word("second", 0, 30, -3, 1)})),
              ElementsAre("first"));
}

TEST(BetterWords, AWordOfADictionaryMayBeALittleLessSure) {
  const std::vector<LineWord> unknown = {Word("Gesehichte", 0, 90, -3, 4)};
  EXPECT_THAT(Texts(BetterWords(unknown, {Word("Geschichte", 0, 90, -6, 5, WordKind::kWord)})),
              ElementsAre("Geschichte"));
  EXPECT_THAT(Texts(BetterWords(unknown, {Word("Geschichte", 0, 90, -6, 7, WordKind::kWord)})),
              ElementsAre("Gesehichte"));
  EXPECT_THAT(Texts(BetterWords(unknown, {Word("Geschichte", 0, 90, -9, 5, WordKind::kWord)})),
              ElementsAre("Gesehichte"));
}

// One result has a blank where the other has none: the two words are compared with the one.
TEST(BetterWords, ReadingsArePartedWhereBothHaveAGap) {
  const std::vector<LineWord> parted = {Word("Haus", 0, 40, -4, 3), Word("tür", 45, 70, -4, 3),
                                        Word("auf", 80, 110, -1, 1)};
  const std::vector<LineWord> whole = {Word("Haustür", 0, 70, -1, 2), Word("anf", 81, 110, -3, 3)};
  EXPECT_THAT(Texts(BetterWords(parted, whole)), ElementsAre("Haustür", "auf"));
  EXPECT_THAT(Texts(BetterWords(whole, parted)), ElementsAre("Haustür", "auf"));
}

TEST(BetterWords, AReadingWithoutWordsIsNeverBetter) {
  const std::vector<LineWord> words = {Word("a", 0, 9, -19, 50), Word("b", 12, 20, -19, 50)};
  EXPECT_THAT(Texts(BetterWords(words, {})), ElementsAre("a", "b"));
  EXPECT_THAT(Texts(BetterWords({}, words)), ElementsAre("a", "b"));
  EXPECT_TRUE(BetterWords({}, {}).empty());
  // Beyond the other result's last word.
  EXPECT_THAT(Texts(BetterWords({Word("a", 0, 9, -1, 1)},
                                {Word("x", 0, 9, -9, 9), Word("b", 12, 20, -9, 9)})),
              ElementsAre("a", "b"));
}

}  // namespace
}  // namespace gnosis
