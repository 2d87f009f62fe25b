#include "engine/line_worth.h"

#include <gtest/gtest.h>

#include "support/engine_fakes.h"

namespace gnosis {
namespace {

TEST(LineWorth, CountsLettersByConfidence) {
  EXPECT_DOUBLE_EQ(Worth(PageText{}), 0);
  EXPECT_DOUBLE_EQ(Worth(PageOfWords(10, 50)), 10 * 6 * 0.5);
  EXPECT_DOUBLE_EQ(Worth(PageOfWords(10, 49)), 0);
  PageText umlauts = PageOfWords(1, 100);
  umlauts.blocks[0].paragraphs[0].lines[0].words[0].text = "\xC3\xA4\xC3\xB6-3.";
  EXPECT_DOUBLE_EQ(Worth(umlauts), 3);
}

TEST(LineWorth, OfALineIsThatOfItsWords) {
  Line line;
  EXPECT_EQ(MeanConfidence(line), 0);
  line.words = {{"two", {}, 90}, {"words,", {}, 40}};
  EXPECT_EQ(LettersOf(line), 8);
  EXPECT_FLOAT_EQ(MeanConfidence(line), 65);
  EXPECT_NEAR(Worth(line), 2.7, 1e-6);
}

}  // namespace
}  // namespace gnosis
