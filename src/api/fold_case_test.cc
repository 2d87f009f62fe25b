#include "api/fold_case.h"

#include <gtest/gtest.h>

namespace gnosis {
namespace {

TEST(FoldCase, MakesLettersLowerCase) {
  EXPECT_EQ(FoldCase("Invoice-17.PDF"), "invoice-17.pdf");
  EXPECT_EQ(FoldCase("ÀÉÎÖÜÞ×ß"), "àéîöüþ×ß");
  EXPECT_EQ(FoldCase("ĀĹŁŊŘŸŽſİı"), "āĺłŋřÿžsİı");
  EXPECT_EQ(FoldCase("ẠỆẞ"), "ạệß");
  EXPECT_EQ(FoldCase("ΆΈΌΏΑΩΣς"), "άέόώαωσσ");
  EXPECT_EQ(FoldCase("ЁЂАЯҐӘ"), "ёђаяґә");
}

TEST(FoldCase, DoesNothingTwiceAndNothingToTheRest) {
  for (const char* text : {"", "日本語 🙂", "Größe ÀÉ Σ Ё", "a\xff\xc3", "\xe2\x82", "\xc3"}) {
    EXPECT_EQ(FoldCase(FoldCase(text)), FoldCase(text)) << text;
  }
  EXPECT_EQ(FoldCase("日本語 🙂 \xff\xc3"), "日本語 🙂 \xff\xc3");
}

}  // namespace
}  // namespace gnosis
