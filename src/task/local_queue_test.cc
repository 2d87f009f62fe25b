#include "task/local_queue.h"

#include <gtest/gtest.h>

#include <deque>
#include <future>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "support/task_fixture.h"

namespace gnosis {
namespace {

Task TaskOf(int sequence) {
  return {{"0123456789ab", "00000000-0000-4000-8000-00000000000a"}, "me", 0, 0, sequence};
}

// Tasks are told apart by owner and session; a session's next task has the next number.
Task TaskOf(const std::string& owner, int session, int sequence = 0) {
  return {{owner, fmt::format("session{}", session)}, owner + "@example.org", 0, 0, sequence};
}

// A queue as its workers use it, one step after the other.
struct Queue {
  void Add(const Task& task) { ASSERT_TRUE(queue->Enqueue(task, std::nullopt).ok()); }
  void Add(const std::string& owner, int sessions) {
    for (int session = 1; session <= sessions; ++session) Add(TaskOf(owner, session));
  }
  Task Take() { return *queue->Take(); }
  // "ada1": an owner and his session.
  static std::string Name(const Task& task) {
    return task.session.user_hash + task.session.session_id.substr(7);
  }
  // What one worker takes and acknowledges.
  std::vector<std::string> Work(int tasks) {
    std::vector<std::string> worked;
    for (int i = 0; i < tasks; ++i) {
      const Task task = Take();
      worked.push_back(Name(task));
      queue->Acknowledge(task);
    }
    return worked;
  }
  // The same, and each has a successor.
  std::vector<std::string> WorkAndFollowOn(int tasks) {
    std::vector<std::string> worked;
    for (int i = 0; i < tasks; ++i) {
      Task task = Take();
      worked.push_back(Name(task));
      Task next = task;
      ++next.sequence;
      Add(next);
      queue->Acknowledge(task);
    }
    return worked;
  }

  std::unique_ptr<LocalQueue> queue = NewLocalQueue();
};

using Names = std::vector<std::string>;

TEST(TaskName, IsTheSameForTheSameTaskAndStartsWithAHash) {
  EXPECT_EQ(TaskName(TaskOf(1)), TaskName(TaskOf(1)));
  EXPECT_NE(TaskName(TaskOf(1)).substr(0, 8), TaskName(TaskOf(2)).substr(0, 8));
  EXPECT_TRUE(TaskName(TaskOf(2)).ends_with("-e0-c0-s2"));
}

TEST(LocalQueue, HandsTheTasksOfASessionOutInTheOrderTheyCame) {
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

TEST(LocalQueue, AnOwnerWithSixtyJobsDoesNotHoldUpOneWithASingleJob) {
  Queue queue;
  queue.Add("ada", 60);
  queue.Add("bob", 1);
  EXPECT_EQ(queue.Work(3), (Names{"ada1", "bob1", "ada2"}));
}

TEST(LocalQueue, TheOwnerServedLongestAgoComesNext) {
  Queue queue;
  queue.Add("ada", 3);
  queue.Add("bob", 2);
  queue.Add("eve", 3);
  EXPECT_EQ(queue.Work(8), (Names{"ada1", "bob1", "eve1", "ada2", "bob2", "eve2", "ada3", "eve3"}));
}

TEST(LocalQueue, WhoComesBackStandsBehindThoseServedBeforeHim) {
  Queue queue;
  queue.Add("ada", 3);
  queue.Add("bob", 3);
  queue.Add("eve", 1);
  EXPECT_EQ(queue.Work(3), (Names{"ada1", "bob1", "eve1"}));
  queue.Add(TaskOf("eve", 2));
  EXPECT_EQ(queue.Work(3), (Names{"ada2", "bob2", "eve2"}));
}

TEST(LocalQueue, TheSessionsOfAnOwnerTakeTurnsBatchByBatch) {
  Queue queue;
  queue.Add("ada", 3);
  EXPECT_EQ(queue.WorkAndFollowOn(7),
            (Names{"ada1", "ada2", "ada3", "ada1", "ada2", "ada3", "ada1"}));
}

TEST(LocalQueue, ASessionWithSeveralTasksGivesWayAfterEach) {
  Queue queue;
  for (int chain = 0; chain < 3; ++chain) {
    Task task = TaskOf("ada", 1);
    task.chain = chain;
    queue.Add(task);
  }
  queue.Add(TaskOf("ada", 2));
  EXPECT_EQ(queue.Work(4), (Names{"ada1", "ada2", "ada1", "ada1"}));
}

TEST(LocalQueue, OfTwoWorkersAndTwoOwnersEachOwnerKeepsOne) {
  Queue queue;
  queue.Add("ada", 60);
  queue.Add("bob", 4);
  const Task long_one = queue.Take();
  EXPECT_EQ(Queue::Name(long_one), "ada1");
  // Ada was served longer ago, and still is being served.
  EXPECT_EQ(queue.Work(3), (Names{"bob1", "bob2", "bob3"}));
  queue.queue->Acknowledge(long_one);
  EXPECT_EQ(queue.Work(3), (Names{"ada2", "bob4", "ada3"}));
}

TEST(LocalQueue, ATaskToBeTriedAgainStandsAtTheBackWhenItIsDue) {
  Queue queue;
  queue.Add("ada", 2);
  const Task failed = queue.Take();
  queue.queue->Retry(failed, Milliseconds(0));
  EXPECT_EQ(queue.queue->Depth(), 2u);
  EXPECT_EQ(queue.Work(2), (Names{"ada2", "ada1"}));
  EXPECT_EQ(queue.queue->Depth(), 0u);
}

TEST(LocalQueue, ABatchGivesWayToAnOwnerWhoHasLessAtWork) {
  Queue queue;
  queue.Add("ada", 3);
  const Task first = queue.Take();
  EXPECT_FALSE(queue.queue->OthersWait(first.session));  // the others are her own
  queue.Add("bob", 2);
  EXPECT_TRUE(queue.queue->OthersWait(first.session));
  const Task bobs = queue.Take();
  EXPECT_FALSE(queue.queue->OthersWait(first.session));  // one each
  EXPECT_FALSE(queue.queue->OthersWait(bobs.session));
  queue.Add("eve", 1);
  EXPECT_TRUE(queue.queue->OthersWait(first.session));
  EXPECT_TRUE(queue.queue->OthersWait(bobs.session));
}

TEST(LocalQueue, ABatchDoesNotGiveWayToATaskThatIsNotDue) {
  Queue queue;
  queue.Add("ada", 1);
  const Task batch = queue.Take();
  ASSERT_TRUE(queue.queue->Enqueue(TaskOf("bob", 1), SystemClock().Now() + Seconds(3600)).ok());
  EXPECT_FALSE(queue.queue->OthersWait(batch.session));
}

TEST(LocalQueue, OneOfTwoWorkersIsThereWhenATaskBecomesDue) {
  // The one that was told of the later task may be at work by then.
  for (int round = 0; round < 20; ++round) {
    const auto queue = NewLocalQueue();
    auto one = std::async(std::launch::async, [&] { return queue->Take(); });
    auto other = std::async(std::launch::async, [&] { return queue->Take(); });
    ASSERT_TRUE(queue->Enqueue(TaskOf(1), SystemClock().Now() + Milliseconds(3)).ok());
    ASSERT_TRUE(queue->Enqueue(TaskOf(2), std::nullopt).ok());
    EXPECT_TRUE(one.get().has_value());
    EXPECT_TRUE(other.get().has_value());
  }
}

TEST(LocalQueue, CloseEndsTheWaiting) {
  const auto queue = NewLocalQueue();
  auto taken = std::async(std::launch::async, [&] { return queue->Take(); });
  queue->Close();
  EXPECT_FALSE(taken.get().has_value());
}

// Delivers what it is told to, one after the other, and keeps what it is told to try again.
class ScriptedQueue final : public LocalQueue {
 public:
  explicit ScriptedQueue(std::deque<Task> deliveries) : deliveries_(std::move(deliveries)) {}
  Status Enqueue(const Task&, std::optional<Time>) override { return Ok(); }
  bool WaitForTask(Milliseconds) override { return true; }
  std::optional<Task> Take() override {
    if (deliveries_.empty()) {
      all_taken.set_value();
      return std::nullopt;
    }
    const Task task = deliveries_.front();
    deliveries_.pop_front();
    return task;
  }
  void Acknowledge(const Task&) override {}
  void Retry(const Task& task, Milliseconds delay) override {
    retries.emplace_back(task.sequence, delay.count());
  }
  bool OthersWait(const SessionKey&) override { return false; }
  void Close() override {}
  size_t Depth() override { return deliveries_.size(); }

  std::vector<std::pair<int, int64_t>> retries;  // sequence and milliseconds
  std::promise<void> all_taken;

 private:
  std::deque<Task> deliveries_;
};

class FailingProcessor final : public BatchProcessor {
 public:
  // Deliveries that go well, counted from 0; all others fail.
  explicit FailingProcessor(std::set<int> good) : good_(std::move(good)) {}
  BatchReport Run(const Task&, DocumentReader&, const std::stop_token&) override {
    if (good_.contains(delivery_++)) return {};
    return {BatchReport::Verdict::kRetry, 0, Error{ErrorCode::kIo, "no", ""}};
  }

 private:
  const std::set<int> good_;
  int delivery_ = 0;
};

TEST(WorkerPool, EachTaskHasItsOwnCountOfFailures) {
  ScriptedQueue queue(
      {TaskOf(1), TaskOf(1), TaskOf(2), TaskOf(1), TaskOf(3), TaskOf(1), TaskOf(2), TaskOf(2)});
  FailingProcessor processor({4, 6});
  std::vector<std::unique_ptr<PageReader>> readers;
  readers.push_back(std::make_unique<ToldReader>());
  const auto pool = StartWorkerPool(queue, processor, std::move(readers), nullptr);
  queue.all_taken.get_future().wait();
  pool->Stop(Milliseconds(1000));
  using Retries = std::vector<std::pair<int, int64_t>>;
  EXPECT_EQ(queue.retries,
            (Retries{{1, 1000}, {1, 2000}, {2, 1000}, {1, 4000}, {1, 8000}, {2, 1000}}));
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
