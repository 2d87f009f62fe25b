#include <gtest/gtest.h>

#include "support/written_pages.h"

namespace gnosis {
namespace {

std::string TextOf(const std::vector<PageResult>& pages) { return Written("txt", pages); }

TEST(TextWriter, PartsPagesByFormFeedsAndPutsNoneAfterTheLast) {
  EXPECT_EQ(TextOf({PageSaying(1, "one"), PageSaying(2, "two"), PageSaying(3, "three")}),
            "one\n\ftwo\n\fthree\n");
}

TEST(TextWriter, KeepsThePlaceOfAnEmptyPage) {
  EXPECT_EQ(TextOf({PageSaying(1, "one"), EmptyPage(2), PageSaying(3, "three")}),
            "one\n\f\fthree\n");
  EXPECT_EQ(TextOf({EmptyPage(1), PageSaying(2, "two")}), "\ftwo\n");
  EXPECT_EQ(TextOf({PageSaying(1, "one"), EmptyPage(2)}), "one\n\f\n");
}

TEST(TextWriter, PutsTheMarkerInThePlaceOfAFailedPage) {
  EXPECT_EQ(TextOf({PageSaying(1, "one"), FailedPage(2), PageSaying(3, "three")}),
            "one\n"
            "\f[page 2 could not be read: the page's content stream is broken]\n"
            "\fthree\n");
}

TEST(TextWriter, KeepsEmptyLinesBetweenParagraphsButNotAtTheEnd) {
  PageResult page = SamplePage(1);
  page.text = "first paragraph\n\nsecond\nparagraph\n\n\n";
  EXPECT_EQ(TextOf({page}), "first paragraph\n\nsecond\nparagraph\n");
}

TEST(TextWriter, LetsNoPageLookLikeTwo) {
  PageResult page = SamplePage(1);
  page.text = "above\fbelow\n";
  EXPECT_EQ(TextOf({page, PageSaying(2, "two")}), "above\nbelow\n\ftwo\n");
}

TEST(TextWriter, LeavesUtf8AsItIs) {
  EXPECT_EQ(TextOf({PageSaying(1, "Käse—ſ日本")}), "Käse—ſ日本\n");
}

}  // namespace
}  // namespace gnosis
