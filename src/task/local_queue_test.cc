#include "task/local_queue.h"

#include <gtest/gtest.h>

#include <future>
#include <mutex>

#include "task/task_fixture.h"

namespace gnosis {
namespace {

Task TaskOf(int sequence) {
  return {{"0123456789ab", "00000000-0000-4000-8000-00000000000a"}, "me", 0, 0, sequence};
}

TEST(TaskName, IsTheSameForTheSameTaskAndStartsWithAHash) {
  EXPECT_EQ(TaskName(TaskOf(1)), TaskName(TaskOf(1)));
  EXPECT_NE(TaskName(TaskOf(1)).substr(0, 8), TaskName(TaskOf(2)).substr(0, 8));
  EXPECT_TRUE(TaskName(TaskOf(2)).ends_with("-e0-c0-s2"));
}

TEST(LocalQueue, HandsTasksOutInTheOrderTheyCame) {
  const auto queue = NewLocalQueue();
  for (int i = 1; i <= 3; ++i) ASSERT_TRUE(queue->Enqueue(TaskOf(i), std::nullopt).ok());
  for (int i = 1; i <= 3; ++i) EXPECT_EQ(queue->Take()->sequence, i);
}

TEST(LocalQueue, EnqueuingTwiceIsEnqueuingOnce) {
  const auto queue = NewLocalQueue();
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(queue->Enqueue(TaskOf(1), std::nullopt).ok());
  EXPECT_EQ(queue->Depth(), 1u);
}

TEST(LocalQueue, HoldsATaskBackUntilItIsDue) {
  const auto queue = NewLocalQueue();
  ASSERT_TRUE(queue->Enqueue(TaskOf(1), SystemClock().Now() + Seconds(3600)).ok());
  ASSERT_TRUE(queue->Enqueue(TaskOf(2), std::nullopt).ok());
  EXPECT_EQ(queue->Take()->sequence, 2);
}

TEST(LocalQueue, SaysWhetherThereIsSomethingToDo) {
  const auto queue = NewLocalQueue();
  EXPECT_FALSE(queue->WaitForTask(Milliseconds(0)));
  ASSERT_TRUE(queue->Enqueue(TaskOf(1), SystemClock().Now() + Seconds(3600)).ok());
  EXPECT_FALSE(queue->WaitForTask(Milliseconds(0)));
  auto waited =
      std::async(std::launch::async, [&] { return queue->WaitForTask(Milliseconds(600'000)); });
  ASSERT_TRUE(queue->Enqueue(TaskOf(2), std::nullopt).ok());
  EXPECT_TRUE(waited.get());
  EXPECT_EQ(queue->Take()->sequence, 2);
  queue->Close();
  EXPECT_TRUE(queue->WaitForTask(Milliseconds(600'000)));
}

TEST(LocalQueue, CloseEndsTheWaiting) {
  const auto queue = NewLocalQueue();
  auto taken = std::async(std::launch::async, [&] { return queue->Take(); });
  queue->Close();
  EXPECT_FALSE(taken.get().has_value());
}

TEST(WorkerPool, WorksATaskAndItsSuccessorsOff) {
  TaskWorld world(7, {.batch_size = 2, .program_version = "test"});
  // The world's own queue only keeps; this one delivers.
  const auto queue = NewLocalQueue();
  const auto processor = NewBatchProcessor(world.store, *queue, *world.book, world.clock,
                                           {.batch_size = 2, .program_version = "test"});
  std::promise<void> finished;
  std::vector<std::unique_ptr<PageReader>> readers;
  readers.push_back(std::make_unique<ToldReader>());
  const auto pool =
      StartWorkerPool(*queue, *processor, std::move(readers), [&](const Task&, const BatchReport&) {
        if (!world.store.Stat(UnfinishedKey(world.session)).ok()) finished.set_value();
      });
  ASSERT_TRUE(queue->Enqueue(world.FirstTask(), std::nullopt).ok());
  finished.get_future().wait();
  pool->Stop(Milliseconds(1000));
  EXPECT_EQ(world.Record().state, SessionState::kCompleted);
}

}  // namespace
}  // namespace gnosis
