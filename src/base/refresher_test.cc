#include "base/refresher.h"

#include <gtest/gtest.h>

#include <atomic>
#include <semaphore>

namespace gnosis {
namespace {

constexpr Milliseconds kAsLongAsItTakes{60'000};

TEST(Refresher, RunsWhenItIsAskedTo) {
  int runs = 0;
  Refresher refresher([&] { ++runs; });
  refresher.Wait(kAsLongAsItTakes);  // nothing is under way: nothing to wait for
  for (int i = 1; i <= 3; ++i) {
    refresher.Start();
    refresher.Wait(kAsLongAsItTakes);
    EXPECT_EQ(runs, i);
  }
}

TEST(Refresher, WhoAsksMeanwhileSharesTheRun) {
  std::atomic<int> runs = 0;
  std::binary_semaphore begun{0}, go_on{0};
  Refresher refresher([&] {
    ++runs;
    begun.release();
    go_on.acquire();
  });
  refresher.Start();
  begun.acquire();
  for (int i = 0; i < 100; ++i) refresher.Start();
  std::jthread waiting([&] { refresher.Wait(kAsLongAsItTakes); });
  go_on.release();
  waiting.join();
  refresher.Wait(kAsLongAsItTakes);
  EXPECT_EQ(runs, 1);
}

TEST(Refresher, NobodyIsHeldByARunThatHangs) {
  std::binary_semaphore begun{0}, go_on{0};
  Refresher refresher([&] {
    begun.release();
    go_on.acquire();
  });
  refresher.Start();
  begun.acquire();
  refresher.Start();
  refresher.Wait(Milliseconds(0));  // comes back, or the test never ends
  refresher.Wait(Milliseconds(1));
  go_on.release();
}

TEST(Refresher, AtItsEndTheRunUnderWayIsWaitedFor) {
  bool ended = false;
  {
    Refresher refresher([&] { ended = true; });
    refresher.Start();
    refresher.Wait(kAsLongAsItTakes);
  }
  EXPECT_TRUE(ended);
}

}  // namespace
}  // namespace gnosis
