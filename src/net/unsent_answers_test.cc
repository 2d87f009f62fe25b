#include "net/unsent_answers.h"

#include <gtest/gtest.h>

#include <list>

namespace gnosis {
namespace {

using SlowReader = UnsentAnswers::SlowReader;
using std::chrono::seconds;

class UnsentAnswersTest : public testing::Test {
 protected:
  struct Client {
    Client(UnsentAnswers& answers, int& closed)
        : reader(answers, [&] {
            gone = true;
            ++closed;
          }) {}
    bool gone = false;
    SlowReader reader;
  };
  Client& Come() { return clients_.emplace_back(answers_, closed_); }

  UnsentAnswers answers_{1000};
  UnsentAnswers::TimePoint now_{seconds(1000)};
  int closed_ = 0;
  std::list<Client> clients_;
};

TEST_F(UnsentAnswersTest, HowEverManyComeNoMoreIsHeldThanTheLimit) {
  for (int i = 0; i < 100; ++i) {
    Client& client = Come();
    client.reader.Took(500, now_);
    client.reader.Hold(99, now_);
    EXPECT_LE(answers_.held_bytes(), 1000u);
    now_ += seconds(1);
  }
  EXPECT_EQ(closed_, 90);
}

TEST_F(UnsentAnswersTest, WhoHasStoppedGoesBeforeWhoReadsOn) {
  Client& phone = Come();
  Client& stopped = Come();
  phone.reader.Hold(400, now_);
  stopped.reader.Took(100'000, now_);  // at once, into its own buffers
  stopped.reader.Hold(400, now_);
  for (int i = 0; i < 60; ++i) phone.reader.Took(1000, now_ += seconds(1));
  Client& next = Come();
  next.reader.Took(50'000, now_);
  next.reader.Hold(400, now_);
  EXPECT_TRUE(stopped.gone);
  EXPECT_FALSE(phone.gone);
  EXPECT_FALSE(next.gone);
}

TEST_F(UnsentAnswersTest, AByteNowAndThenIsNoReading) {
  Client& phone = Come();
  Client& drip = Come();
  phone.reader.Hold(400, now_);
  drip.reader.Hold(400, now_);
  for (int i = 0; i < 60; ++i) {
    now_ += seconds(1);
    drip.reader.Took(1, now_);
    if (i % 10 == 9) phone.reader.Took(10'000, now_);
  }
  phone.reader.Hold(900, now_);
  EXPECT_TRUE(drip.gone);
  EXPECT_FALSE(phone.gone);
}

TEST_F(UnsentAnswersTest, TheOnlyOneMayHoldMore) {
  Client& large = Come();
  large.reader.Hold(5000, now_);
  EXPECT_FALSE(large.gone);
  EXPECT_EQ(answers_.held_bytes(), 5000u);
  large.reader.Hold(0, now_);
  EXPECT_EQ(answers_.held_bytes(), 0u);
}

TEST_F(UnsentAnswersTest, WhoLeavesHoldsNothing) {
  Come().reader.Hold(900, now_);
  clients_.clear();
  EXPECT_EQ(answers_.held_bytes(), 0u);
  Client& next = Come();
  next.reader.Hold(900, now_);
  next.reader.Hold(100, now_);
  EXPECT_EQ(answers_.held_bytes(), 100u);
  EXPECT_EQ(closed_, 0);
}

}  // namespace
}  // namespace gnosis
