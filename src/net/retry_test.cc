#include "net/retry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stop_token>
#include <thread>
#include <vector>

#include "support/hand_clock.h"

namespace gnosis {
namespace {

using testing::ElementsAre;

class RetryTest : public testing::Test {
 protected:
  Retry NewRetry(RetryPolicy policy) { return Retry(policy, timing_); }
  int AttemptsOf(Retry retry) {
    int attempts = 1;
    while (retry.Again()) ++attempts;
    return attempts;
  }

  HandClock clock_;
  std::vector<int64_t> waits_ms_;
  double random_ = 1;
  const Timing timing_{.clock = &clock_,
                       .sleep =
                           [this](Milliseconds time) {
                             clock_.now += time;
                             waits_ms_.push_back(time.count());
                           },
                       .random = [this] { return random_; }};
  const RetryPolicy policy_{.attempts = 6,
                            .first_delay = Milliseconds(100),
                            .max_delay = Milliseconds(500),
                            .max_total = Seconds(60)};
};

TEST_F(RetryTest, WaitsTwiceAsLongEachTimeUpToTheCap) {
  EXPECT_EQ(AttemptsOf(NewRetry(policy_)), 6);
  EXPECT_THAT(waits_ms_, ElementsAre(100, 200, 400, 500, 500));
}

TEST_F(RetryTest, TheJitterGoesDownToNothing) {
  random_ = 0;
  EXPECT_EQ(AttemptsOf(NewRetry(policy_)), 6);
  EXPECT_THAT(waits_ms_, ElementsAre(0, 0, 0, 0, 0));
}

TEST_F(RetryTest, WaitsAsLongAsTheServerAsks) {
  Retry retry = NewRetry(policy_);
  EXPECT_TRUE(retry.Again(Seconds(7)));
  EXPECT_TRUE(retry.Again(Milliseconds(1)));
  EXPECT_THAT(waits_ms_, ElementsAre(7000, 200));
}

TEST_F(RetryTest, DoesNotBeginWhatWouldBeTooLate) {
  RetryPolicy policy = policy_;
  policy.max_total = Milliseconds(650);
  EXPECT_EQ(AttemptsOf(NewRetry(policy)), 3);
  EXPECT_FALSE(NewRetry(policy).Again(Seconds(1)));
}

TEST_F(RetryTest, ManyFailuresDoNotOverflow) {
  RetryPolicy policy = policy_;
  policy.attempts = 100;
  EXPECT_EQ(AttemptsOf(NewRetry(policy)), 100);
}

TEST_F(RetryTest, DoesNotWaitWhenItWasAskedToStop) {
  std::stop_source stop;
  Retry retry(policy_, timing_, stop.get_token());
  EXPECT_TRUE(retry.Again());
  stop.request_stop();
  EXPECT_FALSE(retry.Again(Seconds(7)));
  EXPECT_THAT(waits_ms_, ElementsAre(100));
}

TEST_F(RetryTest, WhatIsAskedToStopWhileItWaitsDoesNotGoOn) {
  std::stop_source stop;
  Timing timing = timing_;
  timing.sleep = [&](Milliseconds) { stop.request_stop(); };
  EXPECT_FALSE(Retry(policy_, timing, stop.get_token()).Again());
}

TEST(Timing, SleepsForRealAndNoLongerThanItMay) {
  std::stop_source stop;
  const Timing timing;
  timing.Sleep(Milliseconds(1));
  timing.Sleep(Milliseconds(1), stop.get_token());
  // An hour, or the test never ends: asked before, and asked meanwhile.
  std::jthread sleeping([&] { timing.Sleep(Seconds(3600), stop.get_token()); });
  stop.request_stop();
  sleeping.join();
  timing.Sleep(Seconds(3600), stop.get_token());
}

TEST(RetryAfter, TakesSecondsAndNothingElse) {
  const auto after = [](const std::string& text) {
    HttpHeaders headers;
    headers.Set("Retry-After", text);
    return RetryAfter(headers);
  };
  EXPECT_EQ(after("3"), Seconds(3));
  EXPECT_EQ(after("999999"), Seconds(3600));
  for (const char* text :
       {"", "-1", "3s", "Fri, 31 Dec 1999 23:59:59 GMT", "99999999999999999999"}) {
    EXPECT_EQ(after(text), std::nullopt) << text;
  }
  EXPECT_EQ(RetryAfter({}), std::nullopt);
}

TEST(IsRetryableStatus, IsWhatMayChange) {
  for (const int status : {408, 429, 500, 502, 503, 504}) EXPECT_TRUE(IsRetryableStatus(status));
  for (const int status : {200, 308, 400, 401, 403, 404, 409, 412, 501}) {
    EXPECT_FALSE(IsRetryableStatus(status)) << status;
  }
}

}  // namespace
}  // namespace gnosis
