// Admission and the protocol (src/session/rules.h) under thousands of random schedules; what must
// hold in each is in simulation_witness.cc.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "base/log.h"
#include "simulation_world.h"

namespace gnosis {
namespace {

// GNOSIS_SIMULATIONS=n runs n schedules in all instead of 12,750, and a fifth more of one page.
int Schedules(int share) {
  const char* wanted = std::getenv("GNOSIS_SIMULATIONS");
  return (wanted != nullptr ? std::max(6, std::atoi(wanted)) : 12'750) * share / 15;
}

struct Sum {
  int runs = 0;
  int pages = 0;
  int given_up = 0;
  int pages_read = 0;
  int submissions = 0;
  int deletions = 0;
};

// Runs `count` schedules of a scenario and expects every invariant to hold in each.
Sum RunAll(Scenario scenario, int count) {
  SetLogLevel(LogLevel::kOff);
  Sum sum;
  for (int i = 0; i < count; ++i) {
    scenario.seed = uint64_t(i) * 7919 + 17;
    const Outcome outcome = RunScenario(scenario);
    const std::string where = fmt::format("seed {}", scenario.seed);
    EXPECT_TRUE(outcome.finished) << where;
    EXPECT_TRUE(outcome.violations.empty())
        << where << ": " << fmt::to_string(fmt::join(outcome.violations, "; "));
    if (outcome.given_up == 0) {
      EXPECT_EQ(outcome.text, outcome.expected_text) << where;
    }
    ++sum.runs;
    sum.pages += scenario.pages;
    sum.given_up += outcome.given_up;
    sum.pages_read += outcome.pages_read;
    sum.submissions += outcome.submissions;
    sum.deletions += outcome.deletions;
    if (testing::Test::HasFailure()) break;
  }
  EXPECT_GE(sum.runs, 1);
  return sum;
}

Faults EverythingGoesWrong() {
  return {.crash = 4,
          .store_fails = 10,
          .store_lies = 6,
          .queue_fails = 50,
          .duplicate = 100,
          .lose = 50,
          .overrun = 20,
          .child_dies = 10};
}

Callers Everybody() { return {.twin = 500, .other = 200, .refused = 150, .deletes = 300}; }

TEST(Simulation, AKindWorldReadsEveryPageOnce) {
  const Sum sum = RunAll({.pages = 10, .batch_size = 4}, Schedules(1));
  EXPECT_EQ(sum.pages_read, sum.pages);
  EXPECT_EQ(sum.given_up, 0);
}

TEST(Simulation, SlowAndDoubledDeliveriesLoseNothing) {
  const Sum sum = RunAll(
      {.pages = 9, .batch_size = 3, .concurrency = 3, .faults = {.duplicate = 300, .overrun = 100}},
      Schedules(2));
  EXPECT_EQ(sum.given_up, 0);
}

TEST(Simulation, CrashingWorkersLoseNoHealthyPage) {
  const Sum sum = RunAll({.pages = 8,
                          .batch_size = 4,
                          .concurrency = 2,
                          .faults = {.crash = 10},
                          .callers = {.twin = 300}},
                         Schedules(2));
  EXPECT_EQ(sum.given_up, 0) << "of " << sum.pages;
}

TEST(Simulation, EverythingAtOnceOneChain) {
  const Sum sum = RunAll({.pages = 8,
                          .batch_size = 3,
                          .concurrency = 2,
                          .faults = EverythingGoesWrong(),
                          .callers = Everybody()},
                         Schedules(3));
  fmt::print("healthy pages given up: {} of {}; readings per page: {:.2f}\n", sum.given_up,
             sum.pages, double(sum.pages_read) / sum.pages);
  EXPECT_EQ(sum.given_up, 0) << "of " << sum.pages;
}

TEST(Simulation, EverythingAtOnceFourChainsPoisonAndSkewedClocks) {
  Faults faults = EverythingGoesWrong();
  faults.clock_skew = Seconds(600);
  RunAll({.pages = 8,
          .batch_size = 2,
          .chains = 4,
          .concurrency = 4,
          .poison = {3},
          .faults = faults,
          .callers = Everybody()},
         Schedules(3));
}

TEST(Simulation, EverythingAtOnceOverABucketFourChains) {
  Faults faults = EverythingGoesWrong();
  faults.record_vanishes = 4;
  faults.clock_skew = Seconds(600);
  const Sum sum = RunAll({.pages = 10,
                          .batch_size = 3,
                          .chains = 4,
                          .concurrency = 4,
                          .home = Scenario::Home::kBucket,
                          .faults = faults,
                          .callers = Everybody()},
                         Schedules(3));
  fmt::print("healthy pages given up: {} of {}; readings per page: {:.2f}\n", sum.given_up,
             sum.pages, double(sum.pages_read) / sum.pages);
  EXPECT_EQ(sum.given_up, 0) << "of " << sum.pages;
}

// Few pages and little time between what callers, recovery and a deletion do.
TEST(Simulation, CallersRecoveryAndADeletionMeet) {
  Faults faults = EverythingGoesWrong();
  faults.store_fails = faults.store_lies = 30;
  faults.clock_skew = Seconds(600);
  const Sum sum = RunAll({.pages = 1,
                          .home = Scenario::Home::kBucket,
                          .faults = faults,
                          .callers = {.twin = 900, .other = 300, .refused = 100, .deletes = 500}},
                         Schedules(3));
  EXPECT_GT(sum.submissions, sum.runs);
  EXPECT_GT(sum.deletions, sum.runs / 4);
  fmt::print("submissions: {}, deletions: {} in {} schedules\n", sum.submissions, sum.deletions,
             sum.runs);
}

TEST(Simulation, APageThatTakesItsWorkerDownIsGivenUpInTheEnd) {
  const Sum sum =
      RunAll({.pages = 5, .batch_size = 5, .concurrency = 1, .killers = {2}}, Schedules(1));
  EXPECT_EQ(sum.given_up, 0);
}

}  // namespace
}  // namespace gnosis
