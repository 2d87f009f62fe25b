#include "google/write_pacer.h"

#include <thread>

#include "support/google_fixture.h"

namespace gnosis {
namespace {

class WritePacerTest : public testing::Test {
 protected:
  void Write(const std::string& key) { WritePacer::Turn(pacer_, key).Wrote(); }
  void WriteInVain(const std::string& key) { const WritePacer::Turn turn(pacer_, key); }

  SleepingClock clock_;
  const Timing timing_ = clock_.timing();
  WritePacer pacer_{Seconds(1), timing_};
};

TEST_F(WritePacerTest, ASecondWriteWaitsForWhatIsLeftOfTheSecond) {
  Write("a");
  EXPECT_EQ(clock_.slept_ms(), 0);
  clock_.Advance(Milliseconds(300));
  Write("a");
  EXPECT_EQ(clock_.slept_ms(), 700);
  Write("a");
  EXPECT_EQ(clock_.slept_ms(), 1700);
}

TEST_F(WritePacerTest, OtherObjectsAndLaterWritesDoNotWait) {
  Write("a");
  Write("b");
  clock_.Advance(Seconds(1));
  Write("a");
  EXPECT_EQ(clock_.slept_ms(), 0);
}

TEST_F(WritePacerTest, WhatWasRefusedCostsNobodyTime) {
  for (int i = 0; i < 40; ++i) WriteInVain("a");
  Write("a");
  EXPECT_EQ(clock_.slept_ms(), 0);
}

TEST_F(WritePacerTest, AClockThatWasSetBackDelaysNoLongerThanASecond) {
  Write("a");
  clock_.Advance(-std::chrono::hours(5));
  Write("a");
  EXPECT_EQ(clock_.slept_ms(), 1000);
}

TEST_F(WritePacerTest, WritersOfOneObjectGoOneAfterAnother) {
  std::atomic<int> inside = 0, together = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int k = 0; k < 50; ++k) {
        WritePacer::Turn turn(pacer_, "a");
        together += ++inside > 1;
        turn.Wrote();
        --inside;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(together, 0);
  EXPECT_EQ(clock_.slept_ms(), 199 * 1000);
}

TEST_F(WritePacerTest, AStopEndsTheWait) {
  std::stop_source stop;
  const Timing timing;  // really sleeps: an hour, or the test never ends
  WritePacer pacer(std::chrono::hours(1), timing, stop.get_token());
  WritePacer::Turn(pacer, "a").Wrote();
  std::jthread second([&] { const WritePacer::Turn turn(pacer, "a"); });
  stop.request_stop();
}

TEST_F(WritePacerTest, ManyObjectsAreForgotten) {
  for (int i = 0; i < 5'000; ++i) {
    Write(std::to_string(i));
    clock_.Advance(Milliseconds(1));
  }
  EXPECT_EQ(clock_.slept_ms(), 0);
}

}  // namespace
}  // namespace gnosis
