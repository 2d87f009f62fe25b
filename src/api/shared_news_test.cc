#include "api/shared_news.h"

#include <gtest/gtest.h>

namespace gnosis {
namespace {

class JobNewsTest : public testing::Test {
 protected:
  JobNewsTest() {
    record_.revision = 1;
    for (int page = 1; page <= 4; ++page) record_.pages[page] = PageEntry();
  }
  NewsMarks Look() {
    NewsMarks seen;
    news_.Look(record_, now_, [&](const NewsMarks& marks) { seen = marks; });
    return seen;
  }

  Time now_ = *ParseTime("2026-01-02T03:04:05Z");
  Processing record_;
  JobNews news_;
};

TEST_F(JobNewsTest, APageKeepsTheMarkOfItsChange) {
  EXPECT_EQ(Look().changed, (std::vector<NewsMark>{1, 1, 1, 1}));
  record_.pages[3].status = PageStatus::kCompleted;
  ++record_.revision;
  EXPECT_EQ(Look().changed, (std::vector<NewsMark>{1, 1, 2, 1}));
  record_.pages[1].error = "";
  ++record_.revision;
  const NewsMarks marks = Look();
  EXPECT_EQ(marks.changed, (std::vector<NewsMark>{3, 1, 2, 1}));
  EXPECT_EQ(marks.now, 3u);
}

TEST_F(JobNewsTest, WhatIsNotShownIsNoNews) {
  Look();
  record_.pages[3].attempts = 7;
  ++record_.revision;
  EXPECT_EQ(Look().now, 1u);
}

TEST_F(JobNewsTest, ALeaseThatExpiresIsNewsWithoutARevision) {
  record_.pages[2].status = PageStatus::kProcessing;
  record_.pages[2].lease_expires_at = now_ + Seconds(60);
  Look();
  now_ += Seconds(61);
  EXPECT_EQ(Look().changed, (std::vector<NewsMark>{1, 2, 1, 1}));
}

TEST_F(JobNewsTest, OnlyTheNewestStepIsKept) {
  const JobNews::Step step{1, 5, 2, 6};
  EXPECT_EQ(news_.Find(step), nullptr);
  news_.Keep(step, std::make_shared<std::string>("said"));
  EXPECT_EQ(*news_.Find(step), "said");
  EXPECT_EQ(news_.Find({1, 5, 2, 7}), nullptr);
  news_.Keep({2, 6, 3, 7}, std::make_shared<std::string>("next"));
  EXPECT_EQ(news_.Find(step), nullptr);
}

TEST(SharedNews, LivesAsLongAsSomebodyListens) {
  SharedNews news;
  const SessionKey session{"user", "session"};
  auto first = news.Of(session);
  EXPECT_EQ(news.Of(session), first);
  const std::weak_ptr<JobNews> watched = first;
  first.reset();
  EXPECT_TRUE(watched.expired());
  for (int i = 0; i < 1000; ++i) news.Of({"user", std::to_string(i)});
  EXPECT_NE(news.Of(session), nullptr);
}

TEST(ToldPages, PagesToldTogetherShareAMark) {
  ToldPages told;
  EXPECT_EQ(told.At(0), 0u);
  told.TellUpTo(100, 1);
  told.TellUpTo(200, 1);
  told.TellUpTo(250, 3);
  EXPECT_EQ(told.all(), std::nullopt);
  told.EndRound();
  EXPECT_EQ(told.At(0), 1u);
  EXPECT_EQ(told.At(199), 1u);
  EXPECT_EQ(told.At(200), 3u);
  EXPECT_EQ(told.all(), std::nullopt);
  told.TellUpTo(250, 3);
  told.EndRound();
  EXPECT_EQ(told.all(), NewsMark(3));
}

}  // namespace
}  // namespace gnosis
