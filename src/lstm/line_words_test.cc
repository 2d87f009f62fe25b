#include "lstm/line_words.h"

#include <gmock/gmock.h>

namespace gnosis {
namespace {

constexpr int kA = 1, kB = 2;

CharacterSet SomeCharacters() {
  CharacterSet set;
  for (const char* text : {" ", "a", "b"}) {
    set.characters.push_back({.text = text});
  }
  return set;
}

PathColumn Column(int character, float certainty, bool goes_on = false) {
  return {character, goes_on, false, WordKind::kUnknown, certainty};
}

// Every column counts towards one word, including empty ones: before it, inside it, and at the end.
TEST(CollectWords, AWordsRatingIsTheSumOverItsColumns) {
  const auto words = CollectWords(
      {Column(kNoCharacter, -0.1F), Column(kA, -0.2F), Column(kA, -0.3F, /*goes_on=*/true),
       Column(kNoCharacter, -0.4F), Column(kB, -0.5F), Column(kNoCharacter, -0.6F),
       Column(kSpaceCharacter, -0.7F), Column(kB, -0.8F), Column(kNoCharacter, -0.9F)},
      SomeCharacters(), 3);
  ASSERT_EQ(words.size(), 2u);
  EXPECT_EQ(words[0].text, "ab");
  EXPECT_NEAR(words[0].rating, 0.1 + 0.2 + 0.3 + 0.4 + 0.5 + 0.6, 1e-5);
  EXPECT_NEAR(words[0].certainty, 7 * -0.7, 1e-5);  // of the blank after it
  EXPECT_EQ(words[1].text, "b");
  EXPECT_NEAR(words[1].rating, 0.8 + 0.9, 1e-5);
  EXPECT_NEAR(words[1].certainty, 7 * -0.9, 1e-5);
}

}  // namespace
}  // namespace gnosis
