#include "door/header_values.h"

#include <gtest/gtest.h>

namespace gnosis {
namespace {

TEST(SplitList, KeepsQuotedCommasAndDropsEmptyMembers) {
  const auto members = SplitList(" a ,, \"b,c\" ,d,");
  ASSERT_EQ(members.size(), 3u);
  EXPECT_EQ(members[0], "a");
  EXPECT_EQ(members[1], "\"b,c\"");
  EXPECT_EQ(members[2], "d");
  EXPECT_TRUE(SplitList("").empty());
  EXPECT_TRUE(SplitList(", ,").empty());
}

TEST(Accept, TheMostSpecificRangeDecides) {
  EXPECT_EQ(AcceptQuality("", "text/plain"), 1);
  EXPECT_EQ(AcceptQuality("*/*", "text/plain"), 1);
  EXPECT_EQ(AcceptQuality("text/*;q=0.5, */*;q=0.1", "text/plain"), 0.5);
  EXPECT_EQ(AcceptQuality("text/plain;q=0, text/*", "text/plain"), 0);
  EXPECT_EQ(AcceptQuality("application/json", "text/plain"), 0);
  EXPECT_DOUBLE_EQ(AcceptQuality("TEXT/Plain; charset=utf-8; q=0.3", "text/plain"), 0.3);
}

TEST(Accept, AnUnreadableQualityWantsNothing) {
  for (const char* accept : {"text/plain;q=", "text/plain;q=2", "text/plain;q=-1",
                             "text/plain;q=nan", "text/plain;q=0..5", "text", "/", ";", "*"}) {
    EXPECT_EQ(AcceptQuality(accept, "text/plain"), 0) << accept;
  }
}

TEST(Prefer, FindsTheWait) {
  EXPECT_EQ(PreferredWait("respond-async, wait=30"), 30);
  EXPECT_EQ(PreferredWait("WAIT = \"5\"; x=y"), 5);
  EXPECT_EQ(PreferredWait("wait=0"), 0);
  for (const char* bad :
       {"", "wait", "wait=", "wait=-1", "wait=1.5", "waiting=3", "wait=99999999999999999999"}) {
    EXPECT_EQ(PreferredWait(bad), std::nullopt) << bad;
  }
}

RangeChoice Choose(std::string_view header, uint64_t size_bytes = 100) {
  return ChooseRange(header, size_bytes);
}

TEST(Range, OneRangeIsAPart) {
  const auto expect_part = [](const char* header, uint64_t first, uint64_t size_bytes) {
    const RangeChoice choice = Choose(header);
    EXPECT_EQ(choice.verdict, RangeVerdict::kPart) << header;
    EXPECT_EQ(choice.range.first, first) << header;
    EXPECT_EQ(choice.range.size_bytes, size_bytes) << header;
  };
  expect_part("bytes=0-0", 0, 1);
  expect_part("bytes=10-19", 10, 10);
  expect_part("Bytes=90-", 90, 10);
  expect_part("bytes=-5", 95, 5);
  expect_part("bytes=-500", 0, 100);
  expect_part("bytes=50-5000", 50, 50);
  expect_part("bytes=0-18446744073709551615", 0, 100);
}

TEST(Range, BehindTheEndIsUnsatisfiable) {
  EXPECT_EQ(Choose("bytes=100-").verdict, RangeVerdict::kUnsatisfiable);
  EXPECT_EQ(Choose("bytes=100-200").verdict, RangeVerdict::kUnsatisfiable);
  EXPECT_EQ(Choose("bytes=-0").verdict, RangeVerdict::kUnsatisfiable);
  EXPECT_EQ(Choose("bytes=0-", 0).verdict, RangeVerdict::kUnsatisfiable);
  EXPECT_EQ(Choose("bytes=-1", 0).verdict, RangeVerdict::kUnsatisfiable);
}

TEST(Range, WhatIsNotOneWellFormedRangeIsTheWhole) {
  for (const char* header :
       {"", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=5", "bytes=9-5", "bytes=0-1,5-6",
        "pages=1-2", "bytes=0-1-2", "bytes=--5", "bytes=18446744073709551616-", "bytes=1 -x"}) {
    EXPECT_EQ(Choose(header).verdict, RangeVerdict::kWhole) << header;
  }
}

}  // namespace
}  // namespace gnosis
