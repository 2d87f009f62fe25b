#include "session/page_ranges.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gnosis {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Ranges = std::vector<PageRange>;

std::vector<int> Select(std::string_view text, int page_count) {
  const auto ranges = ParsePageRanges(text);
  EXPECT_TRUE(ranges.ok()) << text;
  const auto pages = SelectPages(*ranges, page_count);
  EXPECT_TRUE(pages.ok()) << text;
  return pages.ok() ? *pages : std::vector<int>{};
}

TEST(ParsePageRanges, TakesPagesRangesAndOpenEnds) {
  EXPECT_EQ(*ParsePageRanges("3"), (Ranges{{3, 3}}));
  EXPECT_EQ(*ParsePageRanges("1-3"), (Ranges{{1, 3}}));
  EXPECT_EQ(*ParsePageRanges("7-"), (Ranges{{7, kToTheEnd}}));
  EXPECT_EQ(*ParsePageRanges("-4"), (Ranges{{1, 4}}));
  EXPECT_EQ(*ParsePageRanges("9,1-3,7-"), (Ranges{{9, 9}, {1, 3}, {7, kToTheEnd}}));
}

TEST(ParsePageRanges, AllowsBlanksAroundARange) {
  EXPECT_EQ(*ParsePageRanges(" 1-3 ,\t5 "), (Ranges{{1, 3}, {5, 5}}));
}

TEST(ParsePageRanges, NothingMeansAllPages) {
  EXPECT_THAT(*ParsePageRanges(""), IsEmpty());
  EXPECT_THAT(*ParsePageRanges("  "), IsEmpty());
}

TEST(ParsePageRanges, RefusesEverythingElse) {
  for (const char* text : {"0",
                           "-0",
                           "0-3",
                           "3-1",
                           "a",
                           "1;2",
                           "1.5",
                           "+1",
                           "--",
                           "-",
                           "1--3",
                           "1-2-3",
                           "-1-",
                           ",",
                           "1,",
                           ",1",
                           "1,,2",
                           "1 2",
                           "1 - 3",
                           "1-x",
                           "x-1",
                           "1\n2",
                           "0x10",
                           "1e3",
                           "10000000000",
                           "99999999999999999999999",
                           "1-99999999999999999999",
                           "\xd9\xa1"}) {
    const auto ranges = ParsePageRanges(text);
    ASSERT_FALSE(ranges.ok()) << text;
    EXPECT_EQ(ranges.code(), ErrorCode::kInvalidArgument) << text;
    EXPECT_FALSE(ranges.error().hint.empty());
  }
}

TEST(ParsePageRanges, SaysWhichRangeIsWrongAndWhy) {
  EXPECT_THAT(ParsePageRanges("1-3,9-7").error().message,
              AllOf(HasSubstr("\"9-7\""), HasSubstr("reversed")));
  EXPECT_THAT(ParsePageRanges("1,0").error().message,
              AllOf(HasSubstr("\"0\""), HasSubstr("start at 1")));
}

TEST(ParsePageRanges, ShowsOnlyTheBeginningOfALongMistake) {
  EXPECT_LT(ParsePageRanges(std::string(1'000'000, 'x')).error().message.size(), 200u);
}

TEST(ParsePageRanges, TakesAThousandRangesAndNoMore) {
  std::string text = "1";
  for (int i = 2; i <= 1000; ++i) text += "," + std::to_string(i);
  ASSERT_TRUE(ParsePageRanges(text).ok());
  EXPECT_EQ(ParsePageRanges(text)->size(), 1000u);
  const auto more = ParsePageRanges(text + ",1001");
  ASSERT_FALSE(more.ok());
  EXPECT_EQ(more.code(), ErrorCode::kInvalidArgument);
  EXPECT_THAT(more.error().message, HasSubstr("1000"));
}

TEST(FormatPageRanges, IsTheInverseOfParse) {
  for (const char* text : {"", "3", "1-3", "7-", "1-4", "9,1-3,7-", "1-", "999999999"}) {
    EXPECT_EQ(FormatPageRanges(*ParsePageRanges(text)), text);
  }
  EXPECT_EQ(FormatPageRanges(*ParsePageRanges("-4, 2-2")), "1-4,2");
}

TEST(SelectPages, WithoutRangesTakesAll) { EXPECT_THAT(Select("", 3), ElementsAre(1, 2, 3)); }

TEST(SelectPages, IsAscendingAndTakesEachPageOnce) {
  EXPECT_THAT(Select("4,2-3,3,1-2", 10), ElementsAre(1, 2, 3, 4));
}

TEST(SelectPages, LeavesOutPagesThatTheDocumentDoesNotHave) {
  EXPECT_THAT(Select("2-", 4), ElementsAre(2, 3, 4));
  EXPECT_THAT(Select("-100", 2), ElementsAre(1, 2));
  EXPECT_THAT(Select("3,7,999999999", 5), ElementsAre(3));
}

TEST(SelectPages, SaysHowManyPagesThereAreWhenNoneIsLeft) {
  const auto pages = SelectPages({{6, 8}}, 5);
  ASSERT_FALSE(pages.ok());
  EXPECT_EQ(pages.code(), ErrorCode::kNoPages);
  EXPECT_THAT(pages.error().message, AllOf(HasSubstr("6-8"), HasSubstr("5")));
}

TEST(SelectPages, OfAnEmptyDocumentThereIsNone) {
  for (const int page_count : {0, -1}) {
    ASSERT_FALSE(SelectPages({}, page_count).ok());
    EXPECT_EQ(SelectPages({}, page_count).code(), ErrorCode::kNoPages);
  }
}

TEST(SelectPages, BearsRangesThatNoParserMade) {
  EXPECT_THAT(*SelectPages({{-5, 2}, {9, 3}}, 4), ElementsAre(1, 2));
}

}  // namespace
}  // namespace gnosis
