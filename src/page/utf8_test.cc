#include "page/utf8.h"

#include <gtest/gtest.h>

namespace gnosis {
namespace {

TEST(Utf8Test, AcceptsEveryLengthUpToTheLastCharacter) {
  for (const char* text : {"", "a", "\u00E9", "\u4E2D", "\U0001F600", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_TRUE(IsUtf8(text)) << text;
  }
}

TEST(Utf8Test, RefusesWhatIsNoCharacter) {
  for (const char* text : {"\x80", "\xC3", "\xC0\x80", "\xC1\xBF", "\xE0\x80\x80", "\xE4\xB8",
                           "\xED\xA0\x80", "\xF0\x80\x80\x80", "\xF4\x90\x80\x80",
                           "\xF5\x80\x80\x80", "\xFF", "a\xC3(", "\xE4\xB8\xAD\xAD"}) {
    EXPECT_FALSE(IsUtf8(text)) << text;
  }
}

TEST(Utf8Test, KnowsWhatCannotBePrinted) {
  EXPECT_TRUE(IsPrintable("two words, \u00E9"));
  for (const char* text : {"\n", "\x7F", "\u0085", "\uFFFE", "\uFDD0", "\x01"}) {
    EXPECT_FALSE(IsPrintable(text)) << text;
  }
  EXPECT_FALSE(IsPrintable(std::string_view("\0", 1)));
}

TEST(Utf8Test, AWordIsNotEmptyAndHasNoWhiteSpaceOfAnyKind) {
  EXPECT_TRUE(IsWord("w\u00F6rd"));
  for (const char* text :
       {"", " ", "a b", "a\u00A0b", "a\u2003b", "a\u3000b", "a\u2028b", "a\tb"}) {
    EXPECT_FALSE(IsWord(text)) << text;
  }
}

TEST(Utf8Test, CleaningGivesWhatTheChecksAccept) {
  const std::string bad("a\x01\xFF \xC3(\u00A0\xE4\xB8z\0", 12);
  EXPECT_TRUE(IsPrintable(CleanText(bad)));
  EXPECT_TRUE(IsWord(CleanWord(bad)));
  EXPECT_EQ(CleanWord("a\x01\xFF b"),
            "a\uFFFD"
            "b");
  EXPECT_EQ(CleanWord(" \u00A0\n"), "");
}

TEST(Utf8Test, CutsBetweenCharacters) {
  EXPECT_EQ(CutText("a\u4E2D", 4), "a\u4E2D");
  EXPECT_EQ(CutText("a\u4E2D", 3), "a");
  EXPECT_EQ(CutText("\u4E2D", 2), "");
  EXPECT_EQ(CutText("abc", 0), "");
}

TEST(BareFileName, HasNoFoldersAndNothingThatCannotBeShown) {
  EXPECT_EQ(BareFileName("a/b.pdf"), "b.pdf");
  EXPECT_EQ(BareFileName("C:\\scans\\b\x1b[31m.pdf"), "b[31m.pdf");
  EXPECT_EQ(BareFileName("../../"), "");
  EXPECT_EQ(BareFileName("b.pdf"), "b.pdf");
}

}  // namespace
}  // namespace gnosis
