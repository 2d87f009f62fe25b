#include "layout/letter_chains.h"

#include <gmock/gmock.h>

#include <algorithm>

namespace gnosis {
namespace {

using ::testing::ElementsAre;

constexpr double kLetterHeight = 24;

// `count` small letters in a row.
std::vector<Box> Letters(int left, int baseline, int count) {
  std::vector<Box> letters;
  for (int i = 0; i < count; ++i) {
    letters.push_back({left + 18 * i, baseline - 20, left + 18 * i + 14, baseline});
  }
  return letters;
}
std::vector<Box> FromLeft(std::vector<std::vector<Box>> parts) {
  std::vector<Box> all;
  for (const auto& part : parts) all.insert(all.end(), part.begin(), part.end());
  std::sort(all.begin(), all.end(), [](const Box& a, const Box& b) { return a.left < b.left; });
  return all;
}
std::vector<size_t> Sizes(const std::vector<std::vector<Box>>& chains) {
  std::vector<size_t> sizes;
  for (const auto& chain : chains) sizes.push_back(chain.size());
  std::sort(sizes.begin(), sizes.end());
  return sizes;
}

TEST(ChainLetters, WordsOfALineAreOneChain) {
  const auto letters = FromLeft({Letters(0, 100, 5), Letters(105, 100, 4)});
  EXPECT_THAT(Sizes(ChainLetters(letters, kLetterHeight)), ElementsAre(9));
}

TEST(ChainLetters, LinesOneBelowTheOtherAreApart) {
  const auto letters = FromLeft({Letters(0, 100, 6), Letters(3, 140, 7)});
  EXPECT_THAT(Sizes(ChainLetters(letters, kLetterHeight)), ElementsAre(6, 7));
}

TEST(ChainLetters, AGutterIsNotCrossed) {
  const auto letters = FromLeft({Letters(0, 100, 5), Letters(140, 100, 4)});
  EXPECT_THAT(Sizes(ChainLetters(letters, kLetterHeight)), ElementsAre(4, 5));
}

TEST(ChainLetters, ALetterThreeTimesAsHighStandsAlone) {
  const auto letters = FromLeft({{{0, 40, 60, 100}}, Letters(66, 100, 4)});
  EXPECT_THAT(Sizes(ChainLetters(letters, 20)), ElementsAre(5));
  const auto initial = FromLeft({{{0, 35, 60, 100}}, Letters(66, 100, 4)});
  EXPECT_THAT(Sizes(ChainLetters(initial, 20)), ElementsAre(1, 4));
}

TEST(GroupChains, ChainsBesideOneAnotherAreOneGroupFromTheLeft) {
  const auto letters = FromLeft({Letters(0, 100, 5), Letters(140, 102, 4), Letters(0, 150, 3)});
  const auto chains = ChainLetters(letters, kLetterHeight);
  const auto groups = GroupChains(chains, kLetterHeight);
  ASSERT_EQ(groups.size(), 2u);
  const auto& beside = groups[0].size() == 2 ? groups[0] : groups[1];
  ASSERT_EQ(beside.size(), 2u);
  EXPECT_LT(chains[beside[0]].front().left, chains[beside[1]].front().left);
}

TEST(GroupChains, LettersWithTailsStandBesideThoseWithout) {
  std::vector<Box> tails = Letters(140, 100, 2);
  for (Box& letter : tails) letter.bottom += 10;
  const auto chains = ChainLetters(FromLeft({Letters(0, 100, 5), tails}), kLetterHeight);
  EXPECT_EQ(GroupChains(chains, kLetterHeight).size(), 1u);
}

}  // namespace
}  // namespace gnosis
