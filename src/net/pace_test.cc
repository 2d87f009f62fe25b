#include "net/pace.h"

#include <gtest/gtest.h>

namespace gnosis {
namespace {

using std::chrono::seconds;

TEST(Pace, APauseHasALimit) {
  Pace pace(Milliseconds{60'000}, 1000);
  EXPECT_EQ(pace.Patience(), Milliseconds{60'000});
  pace.Moved(1'000'000'000);
  EXPECT_EQ(pace.Patience(), Milliseconds{60'000});
}

TEST(Pace, WhoMovesAByteNowAndThenIsGivenUp) {
  Pace pace(Milliseconds{60'000}, 1000);
  int waits = 0;
  while (pace.Patience() > Milliseconds{0} && waits < 1000) {
    pace.Waited(seconds(1));
    pace.Moved(1);
    ++waits;
  }
  EXPECT_EQ(waits, 60);
}

TEST(Pace, WhoKeepsTheRateIsWaitedForAsLongAsItTakes) {
  Pace pace(Milliseconds{60'000}, 1000);
  for (int i = 0; i < 100'000; ++i) {
    ASSERT_GT(pace.Patience(), Milliseconds{0}) << i;
    pace.Waited(seconds(1));
    pace.Moved(1000);
  }
  pace.Restart();
  EXPECT_EQ(pace.Patience(), Milliseconds{60'000});
}

TEST(Pace, NumbersBeyondAllMeasureDoNoHarm) {
  Pace pace(Milliseconds{60'000}, 0);
  pace.Moved(UINT64_MAX);
  pace.Waited(seconds(100));
  EXPECT_EQ(pace.Patience(), Milliseconds{60'000});
}

}  // namespace
}  // namespace gnosis
