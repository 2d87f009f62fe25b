#include "session/rules.h"

#include <gtest/gtest.h>

#include "support/sample_session.h"

namespace gnosis {
namespace {

using sample::Completed;
using sample::Failed;
using sample::kNow;
using sample::SampleRecord;

constexpr Seconds kLease{600};

// Pages 1 to 3, of which 1 and 2 are leased to "a/1".
class PageRules : public testing::Test {
 protected:
  PageRules() {
    const ClaimRequest request{"a", "a/1", kNow, kLease, 2, 1};
    ClaimPages(record_, {}, request, Limits{});
    before_ = record_;
  }
  PageEntry& Page(int page) { return record_.pages.at(page); }
  // The record with another revision: for comparing what came out in two ways.
  static Processing AtRevisionOne(Processing record) {
    record.revision = 1;
    return record;
  }

  Processing record_ = SampleRecord(3);
  Processing before_;
};

TEST_F(PageRules, AResultFinishesItsPageAndEndsTheLease) {
  EXPECT_TRUE(MergeOutcome(record_, Completed(1)));
  EXPECT_EQ(Page(1).status, PageStatus::kCompleted);
  EXPECT_EQ(Page(1).owner, "");
  EXPECT_EQ(Page(1).lease_expires_at, std::nullopt);
  EXPECT_EQ(Page(1).started_at, kNow);
  EXPECT_EQ(Page(1).completed_at, kNow + Seconds(1));
  EXPECT_EQ(Page(1).result_file, "page_001_result.json");
  EXPECT_EQ(Page(1).confidence, 95.5);
  EXPECT_EQ(Page(1).source, "tesseract 5.3.0");
  EXPECT_EQ(Page(1).duration_ms, 1234);
  EXPECT_EQ(record_.revision, before_.revision + 1);
}

TEST_F(PageRules, AFailedResultSaysWhy) {
  EXPECT_TRUE(MergeOutcome(record_, Failed(2)));
  EXPECT_EQ(Page(2).status, PageStatus::kFailed);
  EXPECT_EQ(Page(2).error, "damaged: the page has no content");
}

TEST_F(PageRules, AResultCountsWhoeverMadeIt) {
  EXPECT_TRUE(MergeOutcome(record_, Completed(3)));  // never claimed
  EXPECT_EQ(Page(3).status, PageStatus::kCompleted);
  EXPECT_EQ(Page(3).attempts, 0);
}

TEST_F(PageRules, ACompletedPageForgetsTheErrorOfAnEarlierAttempt) {
  RecordFailedAttempt(record_, {1, "timeout: 120 s"}, "a/1");
  MergeOutcome(record_, Completed(1));
  EXPECT_EQ(Page(1).error, std::nullopt);
}

TEST_F(PageRules, MergingAResultTwiceIsMergingItOnce) {
  MergeOutcome(record_, Completed(1));
  const Processing once = record_;
  EXPECT_FALSE(MergeOutcome(record_, Completed(1)));
  EXPECT_EQ(record_, once);
}

TEST_F(PageRules, AnOutcomeOfAnOlderEditionChangesNothing) {
  MergeOutcome(record_, Completed(1, 2));
  const Processing newer = record_;
  EXPECT_FALSE(MergeOutcome(record_, Failed(1, 1)));
  EXPECT_FALSE(MergeOutcome(record_, Failed(1, 0)));
  EXPECT_EQ(record_, newer);
}

TEST_F(PageRules, AnOutcomeOfANewerEditionWins) {
  MergeOutcome(record_, Failed(1));
  EXPECT_TRUE(MergeOutcome(record_, Completed(1, 1)));
  EXPECT_EQ(Page(1).status, PageStatus::kCompleted);
  EXPECT_EQ(Page(1).edition, 1);
}

TEST_F(PageRules, AFailureOfTheSameEditionDoesNotMoveACompletedPageBack) {
  MergeOutcome(record_, Completed(1));
  EXPECT_FALSE(MergeOutcome(record_, Failed(1)));
  EXPECT_EQ(Page(1).status, PageStatus::kCompleted);
}

TEST_F(PageRules, ResultsMayBeMergedInAnyOrder) {
  std::vector<PageOutcome> outcomes = {Completed(1), Failed(1, 1), Completed(1, 2), Failed(2),
                                       Completed(3)};
  for (const PageOutcome& outcome : outcomes) MergeOutcome(record_, outcome);
  std::vector<size_t> order = {0, 1, 2, 3, 4};
  int orders = 0;
  do {
    Processing other = before_;
    for (const size_t i : order) MergeOutcome(other, outcomes[i]);
    ASSERT_EQ(AtRevisionOne(other), AtRevisionOne(record_));
    ++orders;
  } while (std::next_permutation(order.begin(), order.end()));
  EXPECT_EQ(orders, 120);
}

TEST_F(PageRules, MergingManyIsMergingOneByOne) {
  // Pages before, between and after those of the record belong to nobody.
  record_.pages.erase(2);
  Processing one_by_one = record_;
  const Outcomes outcomes = {
      {-1, Completed(-1)}, {1, Completed(1)}, {2, Completed(2)}, {3, Failed(3)}, {9, Completed(9)}};
  for (const auto& [page, outcome] : outcomes) MergeOutcome(one_by_one, outcome);
  EXPECT_TRUE(MergeOutcomes(record_, outcomes));
  EXPECT_EQ(record_, one_by_one);
  EXPECT_EQ(record_.pages.size(), 2u);
  EXPECT_FALSE(MergeOutcomes(record_, outcomes));
}

TEST_F(PageRules, AResultOfAPageThatIsNotOfTheJobChangesNothing) {
  EXPECT_FALSE(MergeOutcome(record_, Completed(4)));
  EXPECT_EQ(record_, before_);
}

TEST_F(PageRules, AnOutcomeOutOfRangeLeavesTheRecordReadable) {
  PageOutcome outcome = Completed(1);
  outcome.confidence = 100.0001;
  outcome.duration_ms = -5;  // a clock that was put back
  MergeOutcome(record_, outcome);
  const auto decoded = DecodeProcessing(EncodeProcessing(record_));
  ASSERT_TRUE(decoded.ok()) << decoded.error().message;
  EXPECT_EQ(*decoded, record_);
}

TEST_F(PageRules, AFailedAttemptIsCountedAndThePageIsPendingAgain) {
  RecordFailedAttempt(record_, {1, "timeout: 120 s"}, "a/1");
  EXPECT_EQ(Page(1).status, PageStatus::kPending);
  EXPECT_EQ(Page(1).failures, 1);
  EXPECT_EQ(Page(1).attempts, 1);
  EXPECT_EQ(Page(1).error, "timeout: 120 s");
  EXPECT_EQ(Page(1).owner, "");
  EXPECT_EQ(Page(1).lease_expires_at, std::nullopt);
  EXPECT_EQ(record_.revision, before_.revision + 1);
}

TEST_F(PageRules, AFailedAttemptOfAStaleOwnerChangesNothing) {
  RecordFailedAttempt(record_, {1, "timeout: 120 s"}, "a/0");
  RecordFailedAttempt(record_, {3, "timeout: 120 s"}, "a/1");  // pending
  RecordFailedAttempt(record_, {9, "timeout: 120 s"}, "a/1");  // no such page
  EXPECT_EQ(record_, before_);
}

TEST_F(PageRules, APageThatIsGivenBackIsAsFreshAsBefore) {
  GiveBack(record_, {1, 2}, "a/1");
  Processing fresh = SampleRecord(3);
  EXPECT_EQ(record_.pages, fresh.pages);
  EXPECT_EQ(record_.revision, before_.revision + 2);
}

TEST_F(PageRules, GivingBackByAStaleOwnerChangesNothing) {
  GiveBack(record_, {1, 2, 3, 9}, "a/0");
  EXPECT_EQ(record_, before_);
}

TEST_F(PageRules, GivingBackAPageThatHasAResultChangesNothing) {
  MergeOutcome(record_, Completed(1));
  const Processing merged = record_;
  GiveBack(record_, {1}, "a/1");
  RecordFailedAttempt(record_, {1, "late"}, "a/1");
  EXPECT_EQ(record_, merged);
}

TEST_F(PageRules, PeopleSeeALiveLeaseAsProcessingAndAnExpiredOneAsPending) {
  MergeOutcome(record_, Failed(1));
  PageCounts counts = CountPages(record_, kNow);
  EXPECT_EQ(counts.failed, 1);
  EXPECT_EQ(counts.processing, 1);
  EXPECT_EQ(counts.pending, 1);
  EXPECT_EQ(counts.completed, 0);
  counts = CountPages(record_, kNow + kLease);
  EXPECT_EQ(counts.processing, 0);
  EXPECT_EQ(counts.pending, 2);
}

TEST_F(PageRules, AllPagesAreFinishedWhenEachHasAResult) {
  MergeOutcomes(record_, {{1, Completed(1)}, {2, Failed(2)}});
  EXPECT_FALSE(AllFinished(record_));
  MergeOutcome(record_, Completed(3));
  EXPECT_TRUE(AllFinished(record_));
}

TEST_F(PageRules, ASessionIsCompletedWhenEveryPageIs) {
  MergeOutcomes(record_, {{1, Completed(1)}, {2, Completed(2)}, {3, Completed(3)}});
  EXPECT_EQ(FinalState(record_), SessionState::kCompleted);
}

TEST_F(PageRules, ASessionIsCompletedWithErrorsWhenSomePagesFailed) {
  MergeOutcomes(record_, {{1, Failed(1)}, {2, Failed(2)}, {3, Completed(3)}});
  EXPECT_EQ(FinalState(record_), SessionState::kCompletedWithErrors);
}

TEST_F(PageRules, ASessionFailedWhenNotOnePageCouldBeRead) {
  MergeOutcomes(record_, {{1, Failed(1)}, {2, Failed(2)}, {3, Failed(3)}});
  EXPECT_EQ(FinalState(record_), SessionState::kFailed);
}

}  // namespace
}  // namespace gnosis
