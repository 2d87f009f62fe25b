#include <gtest/gtest.h>

#include "session/rules.h"
#include "support/sample_session.h"

namespace gnosis {
namespace {

using sample::Completed;
using sample::Failed;
using sample::kNow;
using sample::SampleRecord;
using Pages = std::vector<int>;

constexpr Seconds kLease{600};
const Time kAfterTheLease = kNow + kLease;

class ClaimRules : public testing::Test {
 protected:
  Claim ClaimAs(const std::string& task, Time now = kNow) {
    request_.task_name = task;
    request_.owner = task + "/" + std::to_string(++deliveries_);
    request_.now = now;
    request_.lease = kLease;
    return ClaimPages(record_, known_, request_, limits_);
  }
  PageEntry& Page(int page) { return record_.pages.at(page); }

  // `page` was claimed `attempts` times, `failures` of them seen to fail, and nobody has it now.
  void Attempted(int page, int attempts, int failures) {
    Page(page).attempts = attempts;
    Page(page).failures = failures;
  }

  Processing record_ = SampleRecord(5);
  Outcomes known_;
  ClaimRequest request_;
  Limits limits_;
  int deliveries_ = 0;
};

TEST_F(ClaimRules, TakesFreshPagesInPageOrder) {
  EXPECT_EQ(ClaimAs("a").pages, (Pages{1, 2, 3, 4, 5}));
}

TEST_F(ClaimRules, TakesNoMorePagesThanItMay) {
  request_.max_pages = 2;
  EXPECT_EQ(ClaimAs("a").pages, (Pages{1, 2}));
  EXPECT_EQ(ClaimAs("b").pages, (Pages{3, 4}));
  EXPECT_EQ(ClaimAs("c").pages, (Pages{5}));
}

TEST_F(ClaimRules, LeavesWorkForTheOtherChains) {
  record_ = SampleRecord(7);
  request_.chains = 3;
  EXPECT_EQ(ClaimAs("a").pages, (Pages{1, 2, 3}));
  EXPECT_EQ(ClaimAs("b").pages, (Pages{4, 5}));
  EXPECT_EQ(ClaimAs("c").pages, (Pages{6}));
  EXPECT_EQ(ClaimAs("d").pages, (Pages{7}));
}

TEST_F(ClaimRules, LeasesWhatItTakesAndCountsTheAttemptBeforeTheWork) {
  ClaimAs("a");
  EXPECT_EQ(Page(1).status, PageStatus::kProcessing);
  EXPECT_EQ(Page(1).attempts, 1);
  EXPECT_EQ(Page(1).owner, "a/1");
  EXPECT_EQ(Page(1).started_at, kNow);
  EXPECT_EQ(Page(1).lease_expires_at, kNow + kLease);
  EXPECT_EQ(record_.state, SessionState::kProcessing);
  EXPECT_EQ(record_.revision, 1 + 5);
  EXPECT_EQ(record_.updated_at, kNow);
}

TEST_F(ClaimRules, TakesAPageThatWasAttemptedBeforeOnlyAfterTheFreshOnes) {
  Attempted(1, 1, 1);
  EXPECT_EQ(ClaimAs("a").pages, (Pages{2, 3, 4, 5}));
  EXPECT_EQ(ClaimAs("b").pages, (Pages{1}));
}

TEST_F(ClaimRules, TakesPagesThatWereAttemptedBeforeAloneFewestAttemptsFirst) {
  for (int page = 1; page <= 5; ++page) Attempted(page, page == 4 ? 1 : 2, 1);
  EXPECT_EQ(ClaimAs("a").pages, (Pages{4}));
  EXPECT_EQ(ClaimAs("b").pages, (Pages{1}));
  EXPECT_EQ(ClaimAs("c").pages, (Pages{2}));
}

TEST_F(ClaimRules, TakesOverWhatAnEarlierDeliveryOfTheSameTaskHolds) {
  ClaimAs("a");
  EXPECT_EQ(ClaimAs("a").pages, (Pages{1}));  // alone: it was attempted
  EXPECT_EQ(Page(1).owner, "a/2");
  EXPECT_EQ(Page(1).attempts, 2);
}

TEST_F(ClaimRules, LetsGoOfWhatAnEarlierDeliveryHoldsAndThisOneDoesNotTake) {
  ClaimAs("a");
  ClaimAs("a");
  EXPECT_EQ(Page(2).status, PageStatus::kPending);
  EXPECT_EQ(Page(2).attempts, 1) << "the earlier delivery may have died of it";
  // The successor has another name, and no reason to wait for the lease.
  EXPECT_EQ(ClaimAs("b").pages, (Pages{2}));
}

TEST_F(ClaimRules, RespectsALiveLeaseOfAnotherTaskEvenOfOneWithALongerName) {
  ClaimAs("task-10");
  const Claim claim = ClaimAs("task-1");
  EXPECT_TRUE(claim.pages.empty());
  EXPECT_FALSE(claim.all_finished);
  EXPECT_EQ(claim.earliest_expiry, kNow + kLease);
  EXPECT_EQ(Page(1).owner, "task-10/1");
}

TEST_F(ClaimRules, SaysWhenTheFirstOfTheOthersLeasesExpires) {
  request_.max_pages = 2;
  ClaimAs("a", kNow + Seconds(9));
  ClaimAs("b", kNow + Seconds(5));
  ClaimAs("c", kNow + Seconds(7));
  EXPECT_EQ(ClaimAs("d", kNow + Seconds(10)).earliest_expiry, kNow + Seconds(5) + kLease);
}

TEST_F(ClaimRules, SaysNothingOfTheOthersWhenThereIsWork) {
  request_.max_pages = 2;
  ClaimAs("a");
  EXPECT_EQ(ClaimAs("b").earliest_expiry, std::nullopt);
}

TEST_F(ClaimRules, TakesAPageWhoseLeaseExpired) {
  ClaimAs("a");
  EXPECT_TRUE(ClaimAs("b", kAfterTheLease - Milliseconds(1)).pages.empty());
  EXPECT_EQ(ClaimAs("b", kAfterTheLease).pages, (Pages{1}));
  EXPECT_EQ(Page(1).attempts, 2);
}

TEST_F(ClaimRules, GivesUpAPageThatFailedTooOften) {
  Attempted(3, 3, 3);
  const Claim claim = ClaimAs("a");
  EXPECT_EQ(claim.give_up, (Pages{3}));
  EXPECT_TRUE(claim.pages.empty());
  EXPECT_EQ(Page(1).attempts, 0);  // fresh pages stay fresh for the claim that follows
}

TEST_F(ClaimRules, DoesNotGiveUpAPageBelowTheLimits) {
  Attempted(3, 11, 2);
  EXPECT_TRUE(ClaimAs("a").give_up.empty());
}

TEST_F(ClaimRules, GivesUpAPageWhoseWorkersVanishedTooOften) {
  Attempted(2, 12, 2);
  EXPECT_EQ(ClaimAs("a").give_up, (Pages{2}));
}

TEST_F(ClaimRules, DoesNotGiveUpAPageThatAnotherIsReading) {
  ClaimAs("a");
  Attempted(1, 10, 0);
  EXPECT_TRUE(ClaimAs("b").give_up.empty());
  EXPECT_EQ(ClaimAs("b", kAfterTheLease).give_up, (Pages{1}));
}

TEST_F(ClaimRules, GoesOnWithTheOthersOnceAGivenUpPageHasItsResult) {
  Attempted(3, 3, 3);
  ClaimAs("a");
  known_[3] = Failed(3);
  const Claim claim = ClaimAs("a");
  EXPECT_TRUE(claim.give_up.empty());
  EXPECT_EQ(claim.pages, (Pages{1, 2, 4, 5}));
}

TEST_F(ClaimRules, ReadsNoPageThatHasAResult) {
  known_[1] = Completed(1);
  known_[4] = Failed(4);
  EXPECT_EQ(ClaimAs("a").pages, (Pages{2, 3, 5}));
  EXPECT_EQ(Page(1).status, PageStatus::kCompleted);
  EXPECT_EQ(Page(4).status, PageStatus::kFailed);
  EXPECT_EQ(record_.revision, 1 + 5);
}

TEST_F(ClaimRules, SaysWhenEveryPageHasAResult) {
  for (int page = 1; page <= 5; ++page) known_[page] = Completed(page);
  const Claim claim = ClaimAs("a");
  EXPECT_TRUE(claim.all_finished);
  EXPECT_TRUE(claim.pages.empty());
  EXPECT_EQ(claim.earliest_expiry, std::nullopt);
}

TEST_F(ClaimRules, DoesNotTouchAFinalRecord) {
  record_.state = SessionState::kCancelled;
  known_[1] = Completed(1);
  const Processing before = record_;
  const Claim claim = ClaimAs("a");
  EXPECT_EQ(record_, before);
  EXPECT_TRUE(claim.pages.empty() && claim.give_up.empty());
  EXPECT_FALSE(claim.all_finished);
  EXPECT_EQ(claim.earliest_expiry, std::nullopt);
}

}  // namespace
}  // namespace gnosis
