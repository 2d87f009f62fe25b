#include "task/watch_poller.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

#include "support/task_fixture.h"

namespace gnosis {
namespace {

TEST(WatchPoller, AWatcherHearsWhatAnotherProcessDid) {
  TaskWorld world;
  const auto web = NewSessionBook(world.store, world.clock, {.max_age = Milliseconds(0)});
  web->Poll(world.session);  // what has been so far is no news
  std::promise<void> heard;
  std::atomic<bool> told = false;
  const auto watch = web->Watch(world.session, [&] {
    if (!told.exchange(true)) heard.set_value();
  });
  const auto poller = StartWatchPoller(*web, {.interval = Milliseconds(1), .threads = 2});
  ASSERT_TRUE(CancelSession(world.Actions(), world.session).ok());
  heard.get_future().wait();
  EXPECT_EQ(web->ReadStatus(world.session)->state, SessionState::kCancelled);
}

TEST(WatchPoller, EndsWithoutAnythingToWatch) {
  TaskWorld world;
  StartWatchPoller(*world.book);
}

}  // namespace
}  // namespace gnosis
