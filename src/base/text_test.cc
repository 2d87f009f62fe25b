#include "base/text.h"

#include <gtest/gtest.h>

#include <vector>

namespace gnosis {
namespace {

TEST(Trim, TakesBlanksAndTabsOffTheEnds) {
  EXPECT_EQ(Trim(" \ta b\t "), "a b");
  EXPECT_EQ(Trim("a\n"), "a\n");
  EXPECT_EQ(Trim(" \t"), "");
  EXPECT_EQ(Trim(""), "");
}

TEST(LowerCase, ChangesAsciiLettersOnly) {
  EXPECT_EQ(LowerCase("AZ@[\xC3\x84"), "az@[\xC3\x84");
  EXPECT_TRUE(EqualsIgnoreCase("Content-Type", "content-tYPE"));
  EXPECT_FALSE(EqualsIgnoreCase("a", "ab"));
  EXPECT_FALSE(EqualsIgnoreCase("@", "`"));
}

TEST(PercentEncode, LeavesOnlyWhatMeansNothing) {
  EXPECT_EQ(PercentEncode("az-AZ_09.~"), "az-AZ_09.~");
  EXPECT_EQ(PercentEncode(std::string("a/b?c#d%e f\0\xff", 13)), "a%2Fb%3Fc%23d%25e%20f%00%FF");
  EXPECT_EQ(PercentEncode("a-b!", "!"), "a%2Db!");
}

TEST(OneOf, PutsAnOrBeforeTheLast) {
  const std::vector<std::string_view> names = {"auto", "force", "skip"};
  EXPECT_EQ(OneOf(names), "auto, force or skip");
  EXPECT_EQ(OneOf(std::span(names).first(2)), "auto or force");
  EXPECT_EQ(OneOf(std::span(names).first(1)), "auto");
}

}  // namespace
}  // namespace gnosis
