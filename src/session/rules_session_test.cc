#include <gtest/gtest.h>

#include "session/rules.h"
#include "support/sample_session.h"

namespace gnosis {
namespace {

using sample::Completed;
using sample::Failed;
using sample::kNow;
using sample::PagesUpTo;
using sample::SampleMetadata;
using sample::SampleRecord;
using Pages = std::vector<int>;

constexpr Seconds kLease{600};
const Time kLater = kNow + Seconds(60);
const Time kAfterTheLease = kNow + kLease;

class SessionRules : public testing::Test {
 protected:
  void ClaimAll() {
    ClaimPages(record_, {}, ClaimRequest{"a", "a/1", kNow, kLease, 10, 1}, Limits{});
  }
  // Pages 1 and 2 completed, page 3 failed.
  void Finish() {
    MergeOutcomes(record_, results_);
    record_.state = FinalState(record_);
  }
  PageEntry& Page(int page) { return record_.pages.at(page); }
  Processing Rebuild(const std::optional<LastPublished>& last) {
    return RebuildRecord(SampleMetadata(3), PagesUpTo(3), 10, results_, last);
  }
  // Of a redo that must be refused.
  ErrorCode RefusedRedo(const Pages& pages, const PageOverride& options = {}) {
    const Processing before = record_;
    const Status status = RedoPages(record_, pages, options, kLater);
    EXPECT_EQ(record_, before);
    return status.ok() ? ErrorCode::kInternal : status.code();
  }

  Processing record_ = SampleRecord(3);
  Outcomes results_ = {{1, Completed(1)}, {2, Completed(2)}, {3, Failed(3)}};
};

TEST_F(SessionRules, RecoveryOfAWaitingSessionRaisesTheEpoch) {
  EXPECT_TRUE(RecoverRecord(record_, kLater, Leases::kRespect));
  EXPECT_EQ(record_.epoch, 1);
  EXPECT_EQ(record_.revision, 2);
  EXPECT_EQ(record_.updated_at, kLater);
}

TEST_F(SessionRules, RecoveryLeavesASessionAloneWhileALeaseLives) {
  ClaimAll();
  const Processing before = record_;
  EXPECT_FALSE(RecoverRecord(record_, kLater, Leases::kRespect));
  EXPECT_EQ(record_, before);
}

TEST_F(SessionRules, RecoveryVoidsExpiredLeasesAndKeepsTheirAttempts) {
  ClaimAll();
  EXPECT_TRUE(RecoverRecord(record_, kAfterTheLease, Leases::kRespect));
  EXPECT_EQ(Page(1).status, PageStatus::kPending);
  EXPECT_EQ(Page(1).owner, "");
  EXPECT_EQ(Page(1).attempts, 1);
}

TEST_F(SessionRules, RecoveryWhereNobodyElseCanBeAtWorkBreaksLiveLeases) {
  ClaimAll();
  const int64_t revision = record_.revision;
  EXPECT_TRUE(RecoverRecord(record_, kLater, Leases::kBreak));
  EXPECT_EQ(Page(1).status, PageStatus::kPending);
  EXPECT_EQ(Page(1).lease_expires_at, std::nullopt);
  EXPECT_EQ(Page(1).attempts, 1);
  EXPECT_EQ(record_.epoch, 1);
  EXPECT_EQ(record_.revision, revision + 3 + 1);
}

TEST_F(SessionRules, RecoveryConcernsASessionThatOnlyNeedsToBeCombined) {
  MergeOutcomes(record_, results_);
  EXPECT_TRUE(RecoverRecord(record_, kLater, Leases::kRespect));
}

TEST_F(SessionRules, RecoveryDoesNotTouchAFinalSession) {
  Finish();
  const Processing before = record_;
  EXPECT_FALSE(RecoverRecord(record_, kLater, Leases::kBreak));
  EXPECT_EQ(record_, before);
}

TEST_F(SessionRules, ARebuiltRecordKnowsEveryResult) {
  results_.erase(2);
  const Processing rebuilt = Rebuild(std::nullopt);
  EXPECT_EQ(rebuilt.pages.at(1).status, PageStatus::kCompleted);
  EXPECT_EQ(rebuilt.pages.at(2).status, PageStatus::kPending);
  EXPECT_EQ(rebuilt.pages.at(3).status, PageStatus::kFailed);
  EXPECT_EQ(rebuilt.state, SessionState::kQueued);
  EXPECT_EQ(rebuilt.total_pages, 3);
  EXPECT_EQ(rebuilt.created_at, kNow);
  EXPECT_EQ(rebuilt.updated_at, std::max(results_.at(1).completed_at, results_.at(3).completed_at));
}

TEST_F(SessionRules, ARebuiltRecordIsNewerThanWhatWasPublished) {
  const Processing rebuilt = Rebuild(LastPublished{SessionState::kProcessing, 77, 4});
  EXPECT_GT(rebuilt.revision, 77);
  EXPECT_GT(rebuilt.epoch, 4);
  EXPECT_GT(Rebuild(std::nullopt).epoch, 0);
}

TEST_F(SessionRules, ARebuiltRecordKeepsTheEditionsOfItsResults) {
  results_[1] = Completed(1, 2);
  EXPECT_EQ(Rebuild(std::nullopt).pages.at(1).edition, 2);
}

TEST_F(SessionRules, ARebuiltRecordBelievesThatTheSessionWasCancelled) {
  results_.clear();
  EXPECT_EQ(Rebuild(LastPublished{SessionState::kCancelled, 5, 0}).state, SessionState::kCancelled);
}

TEST_F(SessionRules, ARebuiltRecordBelievesInTheEndOnlyWhenEveryPageHasAResult) {
  const LastPublished last{SessionState::kCompletedWithErrors, 9, 0};
  EXPECT_EQ(Rebuild(last).state, SessionState::kCompletedWithErrors);
  results_.erase(3);
  EXPECT_EQ(Rebuild(last).state, SessionState::kQueued);
}

TEST_F(SessionRules, ARebuiltRecordWithEveryResultIsStillToBeCombinedIfNobodySaidSo) {
  Processing rebuilt = Rebuild(LastPublished{SessionState::kProcessing, 9, 0});
  EXPECT_EQ(rebuilt.state, SessionState::kQueued);
  const ClaimRequest request{"a", "a/1", kNow, kLease, 10, 1};
  EXPECT_TRUE(ClaimPages(rebuilt, {}, request, Limits{}).all_finished);
}

TEST_F(SessionRules, CancellingIsFinalAndEndsEveryLease) {
  ClaimAll();
  const int64_t revision = record_.revision;
  EXPECT_TRUE(CancelRecord(record_, kLater));
  EXPECT_EQ(record_.state, SessionState::kCancelled);
  EXPECT_EQ(record_.updated_at, kLater);
  EXPECT_EQ(CountPages(record_, kLater).processing, 0);
  EXPECT_GT(record_.revision, revision);
}

TEST_F(SessionRules, CancellingAFinalSessionChangesNothing) {
  Finish();
  const Processing before = record_;
  EXPECT_FALSE(CancelRecord(record_, kLater));
  EXPECT_EQ(record_, before);
}

TEST_F(SessionRules, APageThatIsFinishedAfterTheCancelCountsAllTheSame) {
  CancelRecord(record_, kLater);
  EXPECT_TRUE(MergeOutcome(record_, Completed(1)));
  EXPECT_EQ(record_.state, SessionState::kCancelled);
}

TEST_F(SessionRules, ARedoAsksForThePageAnew) {
  Finish();
  record_.error = "old";
  Page(2).attempts = 3;
  Page(2).failures = 2;
  const int64_t revision = record_.revision;
  const PageOverride options{{"languages", "deu"}, {"rotate", "90"}};
  ASSERT_TRUE(RedoPages(record_, {2}, options, kLater).ok());
  PageEntry anew;
  anew.image = "page_002.png";
  anew.edition = 1;
  anew.override_options = options;
  EXPECT_EQ(Page(2), anew);
  EXPECT_EQ(Page(1).status, PageStatus::kCompleted);
  EXPECT_EQ(Page(3).status, PageStatus::kFailed);
  EXPECT_EQ(record_.state, SessionState::kQueued);
  EXPECT_EQ(record_.epoch, 1);
  EXPECT_EQ(record_.error, std::nullopt);
  EXPECT_EQ(record_.updated_at, kLater);
  EXPECT_GT(record_.revision, revision);
}

TEST_F(SessionRules, ARedoWithoutPagesConcernsTheFailedOnes) {
  Finish();
  ASSERT_TRUE(RedoPages(record_, {}, {}, kLater).ok());
  EXPECT_EQ(Page(1).edition, 0);
  EXPECT_EQ(Page(3).edition, 1);
  EXPECT_EQ(Page(3).status, PageStatus::kPending);
  EXPECT_EQ(Page(3).override_options, PageOverride{});
}

TEST_F(SessionRules, ARedoOfAPageNamedTwiceIsOneRedo) {
  Finish();
  ASSERT_TRUE(RedoPages(record_, {1, 1}, {}, kLater).ok());
  EXPECT_EQ(Page(1).edition, 1);
}

TEST_F(SessionRules, TheOldResultDoesNotAnswerARedo) {
  Finish();
  ASSERT_TRUE(RedoPages(record_, {1}, {}, kLater).ok());
  EXPECT_FALSE(MergeOutcomes(record_, results_));
  EXPECT_FALSE(AllFinished(record_));
  EXPECT_TRUE(MergeOutcome(record_, Completed(1, 1)));
  EXPECT_TRUE(AllFinished(record_));
}

TEST_F(SessionRules, ACancelledSessionGoesOnWithItsUnreadPages) {
  ClaimAll();
  MergeOutcome(record_, Completed(1));
  CancelRecord(record_, kLater);
  ASSERT_TRUE(RedoPages(record_, {}, {}, kLater).ok());
  const ClaimRequest request{"b", "b/1", kLater, kLease, 10, 1};
  EXPECT_EQ(ClaimPages(record_, {}, request, Limits{}).pages, (Pages{2, 3}));
}

TEST_F(SessionRules, ACancelledSessionGoesOnWithItsUnreadPagesAlsoWhenAnotherIsAskedFor) {
  ClaimAll();
  MergeOutcome(record_, Completed(1));
  CancelRecord(record_, kLater);
  ASSERT_TRUE(RedoPages(record_, {1}, {}, kLater).ok());
  const ClaimRequest request{"b", "b/1", kLater, kLease, 10, 1};
  EXPECT_EQ(ClaimPages(record_, {}, request, Limits{}).pages, (Pages{1, 2, 3}));
}

TEST_F(SessionRules, ARedoIsRefusedWhileTheSessionRuns) {
  EXPECT_EQ(RefusedRedo({1}), ErrorCode::kConflict);
  ClaimAll();
  EXPECT_EQ(RefusedRedo({}), ErrorCode::kConflict);
}

TEST_F(SessionRules, ARedoOfAPageThatIsNotThereIsRefused) {
  Finish();
  EXPECT_EQ(RefusedRedo({1, 4}), ErrorCode::kNotFound);
}

TEST_F(SessionRules, ARedoIsRefusedWhenNoPageFailed) {
  results_[3] = Completed(3);
  Finish();
  EXPECT_EQ(RefusedRedo({}), ErrorCode::kNoPages);
}

TEST_F(SessionRules, ARedoWithImpossibleOptionsIsRefused) {
  Finish();
  EXPECT_EQ(RefusedRedo({1}, PageOverride{{"rotate", "45"}}), ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace gnosis
