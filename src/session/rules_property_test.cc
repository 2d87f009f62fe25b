// Random sequences of everything that can happen to a record, with what must hold after each step.
#include <gtest/gtest.h>

#include <map>
#include <random>

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

constexpr int kPages = 5;

class RandomLife {
 public:
  explicit RandomLife(unsigned seed) : random_(seed) {}

  void Step() {
    now_ += Seconds(Below(120));
    before_ = record_;
    redone_ = false;
    switch (Below(11)) {
      case 0:
      case 1:
      case 2:
        return Claim();
      case 3:
      case 4:
        return Publish();
      case 5:
        return RecordFailedAttempt(record_, {AnyPage(), "timeout", random_() % 2 == 0}, AnyOwner());
      case 6:
        return GiveBack(record_, {AnyPage(), AnyPage()}, AnyOwner());
      case 7:
        return Recover();
      case 8:
        return Finish();
      case 9:
        return Redo();
      default:
        if (Below(8) == 0) CancelRecord(record_, now_);
    }
  }

  void Check() const {
    const PageCounts counts = CountPages(record_, now_);
    ASSERT_EQ(counts.pending + counts.processing + counts.completed + counts.failed,
              record_.total_pages);
    ASSERT_EQ(record_.pages.size(), size_t(kPages));
    if (record_.state != SessionState::kCancelled && IsFinal(record_.state)) {
      ASSERT_TRUE(AllFinished(record_));
    }
    if (record_ != before_) {
      ASSERT_GT(record_.revision, before_.revision);
    }
    ASSERT_GE(record_.epoch, before_.epoch);
    for (const auto& [page, entry] : record_.pages) CheckPage(entry, before_.pages.at(page));
    const auto decoded = DecodeProcessing(EncodeProcessing(record_));
    ASSERT_TRUE(decoded.ok()) << decoded.error().message;
    ASSERT_EQ(*decoded, record_);
  }

  // Runs what is left to its end with workers that never fail. Steps it took; -1: never ended.
  int RunToTheEnd() {
    for (int step = 0; step < 10 * kPages; ++step) {
      now_ += Seconds(1000);  // every lease expired
      Claim();
      for (const int page : claim_.pages) Keep(Completed(page, record_.pages.at(page).edition));
      Finish();
      if (IsFinal(record_.state)) return step;
    }
    return -1;
  }

  int finals() const { return finals_; }

 private:
  void CheckPage(const PageEntry& now, const PageEntry& before) const {
    ASSERT_GE(now.edition, before.edition);
    ASSERT_GE(now.attempts, now.failures);
    if (redone_) return;
    if (before.status == PageStatus::kCompleted || before.status == PageStatus::kFailed) {
      ASSERT_EQ(now, before);
    }
  }
  int Below(int limit) { return int(random_() % unsigned(limit)); }
  int AnyPage() { return 1 + Below(kPages + 1); }
  std::string AnyTask() { return "t" + std::to_string(Below(3)); }
  std::string AnyOwner() { return AnyTask() + "/" + std::to_string(Below(2)); }

  void Keep(const PageOutcome& outcome) {
    const auto found = results_.find(outcome.page);
    if (found == results_.end() || found->second.edition < outcome.edition) {
      results_[outcome.page] = outcome;
    }
  }
  void Claim() {
    const std::string task = AnyTask();
    const ClaimRequest request{task,         task + "/" + std::to_string(Below(2)),
                               now_,         Seconds(200),
                               1 + Below(4), 1 + Below(3)};
    claim_ = ClaimPages(record_, results_, request, Limits{});
    for (const int page : claim_.give_up) Keep(Failed(page, record_.pages.at(page).edition));
  }
  void Publish() {
    const int page = 1 + Below(kPages);
    const int edition = std::max(record_.pages.at(page).edition - Below(2), 0);
    Keep(Below(4) ? Completed(page, edition) : Failed(page, edition));
    MergeOutcomes(record_, results_);
  }
  void Recover() { RecoverRecord(record_, now_, Below(2) ? Leases::kRespect : Leases::kBreak); }
  void Finish() {
    if (IsFinal(record_.state) || !AllFinished(record_)) return;
    record_.state = FinalState(record_);
    ++record_.revision;
    ++finals_;
  }
  void Redo() {
    std::vector<int> pages;
    for (int i = Below(3); i > 0; --i) pages.push_back(AnyPage());
    redone_ =
        RedoPages(record_, pages, PageOverride{{"rotate", std::to_string(90 * Below(5))}}, now_)
            .ok();
  }

  std::mt19937 random_;
  Time now_ = kNow;
  Processing record_ = SampleRecord(kPages);
  Processing before_ = record_;
  Outcomes results_;  // the files
  gnosis::Claim claim_;
  bool redone_ = false;
  int finals_ = 0;
};

TEST(RandomLife, NeverBreaksAnInvariant) {
  int finals = 0;
  for (unsigned seed = 0; seed < 200; ++seed) {
    RandomLife life(seed);
    for (int step = 0; step < 150; ++step) {
      life.Step();
      life.Check();
      if (testing::Test::HasFatalFailure()) FAIL() << "seed " << seed << ", step " << step;
    }
    finals += life.finals();
  }
  EXPECT_GT(finals, 200);  // otherwise the lives say little
}

TEST(RandomLife, AlwaysComesToAnEndOnceTheWorkersDoTheirWork) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    RandomLife life(seed);
    for (int step = 0; step < 60; ++step) life.Step();
    ASSERT_GE(life.RunToTheEnd(), 0) << "seed " << seed;
  }
}

}  // namespace
}  // namespace gnosis
