// Session books of several processes over one store, as in a bucket: each learns what the others
// did, and asks the store no more than it must.
#include <gtest/gtest.h>

#include "support/forwarding_store.h"
#include "support/task_fixture.h"
#include "task/job_actions.h"
#include "task/markers.h"
#include "task/session_book.h"

namespace gnosis {
namespace {

class CountingStore final : public ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;
  int reads = 0;
  int stats = 0;
  int lists = 0;
  int writes = 0;
  void Reset() { reads = stats = lists = writes = 0; }
  Result<Object> Read(const std::string& key) override {
    ++reads;
    return ForwardingStore::Read(key);
  }
  Result<ObjectInfo> Stat(const std::string& key) override {
    ++stats;
    return ForwardingStore::Stat(key);
  }
  Result<std::vector<std::string>> List(const std::string& prefix) override {
    ++lists;
    return ForwardingStore::List(prefix);
  }
  Result<Generation> Write(const std::string& key, std::string_view bytes,
                           IfGeneration generation) override {
    ++writes;
    return ForwardingStore::Write(key, bytes, generation);
  }
};

// A worker and a web instance with nothing in common but the store.
struct TwoProcesses {
  TaskWorld world{30};
  CountingStore store{world.store};
  CountingStore workers_store{world.store};
  std::unique_ptr<SessionBook> web =
      NewSessionBook(store, world.clock,
                     {.max_age = Milliseconds(1000), .progress = BookOptions::Progress::kProbed});
  std::unique_ptr<SessionBook> worker =
      NewSessionBook(workers_store, world.clock,
                     {.publish_interval = Milliseconds(30'000), .max_age = Milliseconds(2000)});
  std::unique_ptr<BatchProcessor> processor = NewBatchProcessor(
      workers_store, world.queue, *worker, world.clock, {.program_version = "test"});

  BatchReport Deliver(const Task& task) {
    DocumentReader reader(world.pages);
    return processor->Run(task, reader, std::stop_token());
  }
  void DeliverAll() {
    while (!world.queue.tasks.empty()) {
      const Task task = world.queue.tasks.front().task;
      world.queue.tasks.pop_front();
      EXPECT_EQ(Deliver(task).verdict, BatchReport::Verdict::kAcknowledge);
    }
  }
  // From the first task to the end.
  void Finish() {
    Deliver(world.FirstTask());
    DeliverAll();
    EXPECT_EQ(world.Record().state, SessionState::kCompleted);
  }
  ActionContext OfTheWeb() { return {store, world.queue, *web, world.clock, 1, "test"}; }
  ActionContext OfTheWorker() {
    return {workers_store, world.queue, *worker, world.clock, 1, "test"};
  }
  bool IsMarked() { return world.store.Stat(UnfinishedKey(world.session)).ok(); }
  int CompletedAsTheWebSeesIt() {
    const auto status = web->ReadStatus(world.session);
    return status.ok() ? status->pages.completed : -1;
  }
};

TEST(SharedBook, ShowsThePagesThatAWorkerElsewhereHasReadButNotPublished) {
  TwoProcesses two;
  std::vector<int> seen;
  two.world.pages.before_read = [&](int) {
    two.world.clock.now += Milliseconds(1100);
    seen.push_back(two.CompletedAsTheWebSeesIt());
  };
  two.Deliver(two.world.FirstTask());
  EXPECT_EQ(seen, std::vector<int>({0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
}

TEST(SharedBook, LooksWithoutListingAndOncePerInterval) {
  TwoProcesses two;
  EXPECT_EQ(two.CompletedAsTheWebSeesIt(), 0);
  two.store.Reset();
  for (int i = 0; i < 10; ++i) EXPECT_EQ(two.CompletedAsTheWebSeesIt(), 0);
  EXPECT_EQ(two.store.stats + two.store.reads + two.store.lists, 0);
  two.world.clock.now += Milliseconds(1100);
  EXPECT_EQ(two.CompletedAsTheWebSeesIt(), 0);
  EXPECT_EQ(two.store.stats, 1);
  EXPECT_EQ(two.store.reads + two.store.lists, 0);
}

TEST(SharedBook, ProbesOnePageOfABatchThatDoesNotMove) {
  TwoProcesses two;
  bool first = true;
  two.world.pages.before_read = [&](int) {
    if (!std::exchange(first, false)) return;
    two.CompletedAsTheWebSeesIt();
    two.store.Reset();
    two.world.clock.now += Milliseconds(1100);
    two.CompletedAsTheWebSeesIt();
  };
  two.Deliver(two.world.FirstTask());
  EXPECT_EQ(two.store.stats, 1);
  EXPECT_EQ(two.store.reads, 1);
}

TEST(SharedBook, PollingWakesWatchersOfWhatOthersDidAndOnlyThen) {
  TwoProcesses two;
  int woken = 0;
  const auto watch = two.web->Watch(two.world.session, [&] { ++woken; });
  ASSERT_EQ(two.web->Watched(), std::vector{two.world.session});
  two.web->Poll(two.world.session);
  woken = 0;
  two.world.clock.now += Milliseconds(1100);
  two.web->Poll(two.world.session);
  EXPECT_EQ(woken, 0);
  two.Deliver(two.world.FirstTask());
  two.world.clock.now += Milliseconds(1100);
  two.web->Poll(two.world.session);
  EXPECT_EQ(woken, 1);
}

TEST(SharedBook, ASessionThatAnotherProcessDeletedIsNotFound) {
  TwoProcesses two;
  int woken = 0;
  const auto watch = two.web->Watch(two.world.session, [&] { ++woken; });
  EXPECT_EQ(two.CompletedAsTheWebSeesIt(), 0);
  ASSERT_TRUE(DeleteSession(two.world.Actions(), two.world.session).ok());
  two.world.clock.now += Milliseconds(1100);
  two.web->Poll(two.world.session);
  EXPECT_EQ(woken, 1);
  EXPECT_EQ(two.web->ReadStatus(two.world.session).code(), ErrorCode::kNotFound);
  EXPECT_EQ(two.web->ReadMetadata(two.world.session).code(), ErrorCode::kNotFound);
}

TEST(SharedBook, AWorkerStopsWhenAnotherProcessCancels) {
  TwoProcesses two;
  two.world.pages.before_read = [&](int page) {
    two.world.clock.now += Milliseconds(2100);
    if (page == 3) {
      EXPECT_TRUE(CancelSession(two.OfTheWeb(), two.world.session).ok());
    }
  };
  const BatchReport report = two.Deliver(two.world.FirstTask());
  EXPECT_EQ(report.verdict, BatchReport::Verdict::kAcknowledge);
  EXPECT_EQ(two.world.pages.read, std::vector<int>({1, 2, 3}));
  EXPECT_EQ(two.world.Record().state, SessionState::kCancelled);
}

// What one process remembers of a job's end is no reason to leave alone what another asked for
// since.

TEST(SharedBook, AWorkerThatRemembersTheEndReadsWhatIsAskedForAnew) {
  TwoProcesses two;
  two.Finish();
  two.world.pages.read.clear();
  ASSERT_TRUE(
      RedoSession(two.OfTheWeb(), two.world.session, "me@example.org", {{2, 5}, {}, ""}).ok());
  two.DeliverAll();
  EXPECT_EQ(two.world.pages.read, std::vector<int>({2, 5}));
  EXPECT_EQ(two.world.Record().state, SessionState::kCompleted);
  EXPECT_FALSE(two.IsMarked());
}

TEST(SharedBook, AWorkerThatRemembersACancellationGoesOnAfterARetry) {
  TwoProcesses two;
  ASSERT_TRUE(CancelSession(two.OfTheWeb(), two.world.session).ok());
  two.Deliver(two.world.FirstTask());
  ASSERT_TRUE(RedoSession(two.OfTheWeb(), two.world.session, "me@example.org", {}).ok());
  two.DeliverAll();
  EXPECT_EQ(two.world.Record().state, SessionState::kCompleted);
}

TEST(SharedBook, WhoRemembersTheEndDoesNotTidyUpAJobThatGoesOn) {
  TwoProcesses two;
  two.Finish();
  ASSERT_TRUE(
      RedoSession(two.OfTheWeb(), two.world.session, "me@example.org", {{2}, {}, "sesame"}).ok());
  ASSERT_TRUE(CleanUpFinished(two.workers_store, *two.worker, two.world.session).ok());
  EXPECT_TRUE(two.IsMarked());
  EXPECT_TRUE(two.world.store.Stat(SecretKey(two.world.session)).ok());
}

TEST(SharedBook, ACancellationIsOfTheJobAsItIsNow) {
  TwoProcesses two;
  two.Finish();
  ASSERT_TRUE(two.web->Refresh(two.world.session).ok());
  ASSERT_TRUE(
      RedoSession(two.OfTheWorker(), two.world.session, "me@example.org", {{2}, {}, ""}).ok());
  EXPECT_TRUE(CancelSession(two.OfTheWeb(), two.world.session).ok());
  EXPECT_EQ(two.world.Record().state, SessionState::kCancelled);
}

TEST(SharedBook, AnExpiredJobThatIsReadAnewElsewhereIsKept) {
  TwoProcesses two;
  two.Finish();
  two.world.clock.now = *two.world.metadata.expires_at - Milliseconds(500);
  EXPECT_EQ(two.CompletedAsTheWebSeesIt(), 30);
  ASSERT_TRUE(
      RedoSession(two.OfTheWorker(), two.world.session, "me@example.org", {{2}, {}, ""}).ok());
  two.world.clock.now += Milliseconds(600);
  const auto expired = DeleteIfExpired(two.OfTheWeb(), two.world.session);
  EXPECT_TRUE(expired.ok() && !*expired);
  EXPECT_TRUE(two.IsMarked());
}

TEST(SharedBook, AClaimThatTakesNothingAsksTheStoreOnceMore) {
  TwoProcesses two;
  two.Finish();
  two.workers_store.Reset();
  two.Deliver(two.world.FirstTask());
  EXPECT_EQ(two.workers_store.reads + two.workers_store.lists + two.workers_store.writes, 0);
  // metadata.json (is it still there?), marker, password, and processing.json.
  EXPECT_EQ(two.workers_store.stats, 4);
}

TEST(SharedBook, ALostRecordIsRecoveredHoweverOftenItIsLookedAt) {
  TwoProcesses two;
  two.Deliver(two.world.FirstTask());
  two.world.queue.tasks.clear();
  ASSERT_TRUE(two.world.store.Delete(ProcessingKey(two.world.session), kAnyGeneration).ok());
  for (int i = 0; i < 100 && two.world.queue.tasks.empty(); ++i) {
    two.world.clock.now += Seconds(60);
    EXPECT_EQ(two.CompletedAsTheWebSeesIt(), 10);
    ASSERT_TRUE(RecoverAll(two.OfTheWorker(), Leases::kRespect, Seconds(300)).ok());
  }
  EXPECT_EQ(two.world.queue.tasks.size(), 1u);
}

TEST(SharedBook, ABatchWritesItsStateTwiceAndListsOnce) {
  TwoProcesses two;
  two.Deliver(two.world.FirstTask());
  two.workers_store.Reset();
  two.world.clock.now += Milliseconds(31'000);
  two.Deliver(two.world.queue.tasks.front().task);
  EXPECT_EQ(two.workers_store.lists, 1);
  // Four objects of each of ten pages; processing.json and status.json.
  EXPECT_EQ(two.workers_store.writes, 4 * 10 + 2);
}

// Cancelled, seen by the worker, and asked for anew, all within the worker's max_age: nothing of
// the new order may be taken for finished because of what the worker still believes.
TEST(SharedBook, AWorkerDoesNotEndAJobThatWasRetriedSinceItLooked) {
  TwoProcesses two;
  TaskWorld& world = two.world;
  const ActionContext web{two.store, world.queue, *two.web, world.clock, 1, "test"};
  ASSERT_TRUE(CancelSession(web, world.session).ok());
  two.Deliver(world.FirstTask());
  ASSERT_TRUE(two.world.queue.tasks.empty());
  ASSERT_TRUE(RedoSession(web, world.session, "me@example.org", {}).ok());
  ASSERT_EQ(world.queue.tasks.size(), 1u);
  const BatchReport report = two.Deliver(world.queue.tasks.front().task);
  EXPECT_EQ(report.pages_processed, 10);
  EXPECT_TRUE(world.store.Stat(UnfinishedKey(world.session)).ok());
}

// The process that cleans up believes the same.
TEST(SharedBook, ACleaningWorkerLeavesTheMarkerOfAJobThatWasRetriedSinceItLooked) {
  TwoProcesses two;
  TaskWorld& world = two.world;
  const ActionContext web{two.store, world.queue, *two.web, world.clock, 1, "test"};
  ASSERT_TRUE(CancelSession(web, world.session).ok());
  two.Deliver(world.FirstTask());
  ASSERT_TRUE(RedoSession(web, world.session, "me@example.org", {}).ok());
  ASSERT_TRUE(CleanUpFinished(two.workers_store, *two.worker, world.session).ok());
  EXPECT_TRUE(world.store.Stat(UnfinishedKey(world.session)).ok());
}

// An answer "cancelled already" would be wrong, too.
TEST(SharedBook, ACancelReachesAJobThatWasRetriedElsewhere) {
  TwoProcesses two;
  TaskWorld& world = two.world;
  const ActionContext web{two.store, world.queue, *two.web, world.clock, 1, "test"};
  const ActionContext other{two.workers_store, world.queue, *two.worker, world.clock, 1, "test"};
  ASSERT_TRUE(CancelSession(other, world.session).ok());
  ASSERT_TRUE(RedoSession(web, world.session, "me@example.org", {}).ok());
  EXPECT_TRUE(CancelSession(other, world.session).ok());
  EXPECT_EQ(world.Record().state, SessionState::kCancelled);
}

}  // namespace
}  // namespace gnosis
