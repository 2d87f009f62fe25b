#include "task/store_turns.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "support/forwarding_store.h"
#include "support/hand_clock.h"
#include "support/memory_store.h"

namespace gnosis {
namespace {

const std::string kCrowd = "aaaaaaaaaaaa";
const std::string kStranger = "bbbbbbbbbbbb";

RandomBelow Seeded(uint32_t seed) {
  return [random = std::mt19937(seed)](size_t count) mutable {
    return std::uniform_int_distribution<size_t>(0, count - 1)(random);
  };
}

// Owners' unfinished sessions in a store, and an external queue that delivers in the order of
// submission, to several processes in turn: after each batch a task's successor joins the end.
class Cloud {
 public:
  explicit Cloud(int processes, uint32_t seed = 1) {
    for (int i = 0; i < processes; ++i) {
      processes_.push_back(
          std::make_unique<StoreTurns>(store_, clock_, Seeded(seed + uint32_t(i))));
    }
  }

  SessionKey AddSession(const std::string& owner, int batches) {
    const SessionKey session{owner,
                             fmt::format("00000000-0000-4000-8000-{:012x}", next_session_++)};
    (void)store_.Write(UnfinishedKey(session), "{}", kAnyGeneration);
    batches_left_[session] = batches;
    queue_.push_back({session, "", 0, 0, 0});
    return session;
  }

  SessionKey WorkOneBatch() {
    const Task task = queue_.front();
    queue_.pop_front();
    const SessionKey session = processes_[size_t(next_process_)]->SessionFor(task);
    next_process_ = (next_process_ + 1) % int(processes_.size());
    if (int& left = batches_left_.at(session); left > 0 && --left == 0) {
      (void)store_.Delete(UnfinishedKey(session), kAnyGeneration);
    }
    if (batches_left_.at(task.session) > 0) queue_.push_back(task);
    return session;
  }

  int BatchesUntil(const std::string& owner) {
    int batches = 1;
    while (WorkOneBatch().user_hash != owner) ++batches;
    return batches;
  }
  bool idle() const { return queue_.empty(); }
  bool everything_is_read() const {
    return std::all_of(batches_left_.begin(), batches_left_.end(),
                       [](const auto& session) { return session.second == 0; });
  }

 private:
  MemoryStore store_;
  HandClock clock_;
  std::vector<std::unique_ptr<StoreTurns>> processes_;
  int next_process_ = 0;
  std::deque<Task> queue_;
  std::map<SessionKey, int> batches_left_;
  int next_session_ = 0;
};

TEST(StoreTurns, WhoeverComesIsNextHoweverMuchOthersHaveQueued) {
  for (const int owners : {1, 4}) {
    Cloud cloud(2);
    for (int owner = 0; owner < owners; ++owner) {
      const std::string name = fmt::format("{}{:x}", kCrowd.substr(1), owner);
      for (int session = 0; session < 60; ++session) cloud.AddSession(name, 5);
    }
    for (int batch = 0; batch < 2 * owners; ++batch) cloud.WorkOneBatch();
    cloud.AddSession(kStranger, 1);
    EXPECT_EQ(cloud.BatchesUntil(kStranger), 1) << owners;
  }
}

TEST(StoreTurns, WhoSendsOneDocumentAfterAnotherWaitsForEachOfTheOthers) {
  Cloud cloud(1);
  for (const char* owner : {"aaaaaaaaaaaa", "cccccccccccc", "dddddddddddd"}) {
    for (int session = 0; session < 20; ++session) cloud.AddSession(owner, 5);
  }
  for (int document = 0; document < 10; ++document) {
    cloud.AddSession(kStranger, 1);
    const int batches = cloud.BatchesUntil(kStranger);
    EXPECT_LE(batches, 4) << document;
    if (document > 0) {
      EXPECT_EQ(batches, 4) << document;
    }
  }
}

TEST(StoreTurns, NewProcessesBeginWithDifferentOwners) {
  std::map<std::string, int> begun;
  for (uint32_t seed = 0; seed < 100; ++seed) {
    Cloud cloud(1, seed);
    cloud.AddSession(kCrowd, 5);
    cloud.AddSession(kStranger, 5);
    ++begun[cloud.WorkOneBatch().user_hash];
  }
  EXPECT_GT(begun[kCrowd], 25);
  EXPECT_GT(begun[kStranger], 25);
}

TEST(StoreTurns, EverythingIsReadInTheEnd) {
  Cloud cloud(3);
  for (int session = 0; session < 20; ++session) cloud.AddSession(kCrowd, 5);
  for (int session = 0; session < 3; ++session) cloud.AddSession(kStranger, 2);
  while (!cloud.idle()) cloud.WorkOneBatch();
  EXPECT_TRUE(cloud.everything_is_read());
}

TEST(StoreTurns, TheSessionIsTheTasksOwnWhenItsOwnerIsAlone) {
  MemoryStore store;
  HandClock clock;
  StoreTurns turns(store, clock, [](size_t) { return size_t(0); });
  const Task task{{kCrowd, "00000000-0000-4000-8000-000000000003"}, "", 0, 0, 0};
  EXPECT_EQ(turns.SessionFor(task), task.session);  // its marker is gone
  for (int i = 1; i <= 3; ++i) {
    const SessionKey session{kCrowd, fmt::format("00000000-0000-4000-8000-{:012x}", i)};
    ASSERT_TRUE(store.Write(UnfinishedKey(session), "{}", kAnyGeneration).ok());
  }
  EXPECT_EQ(turns.SessionFor(task), task.session);
}

TEST(StoreTurns, TheSessionIsOneOfThoseOfTheOwnerWhoseTurnItIs) {
  MemoryStore store;
  HandClock clock;
  StoreTurns turns(store, clock, Seeded(1));
  const Task task{{kCrowd, "00000000-0000-4000-8000-000000000001"}, "", 0, 0, 0};
  const SessionKey strangers[] = {{kStranger, "00000000-0000-4000-8000-000000000002"},
                                  {kStranger, "00000000-0000-4000-8000-000000000003"}};
  for (const SessionKey& session : {task.session, strangers[0], strangers[1]}) {
    ASSERT_TRUE(store.Write(UnfinishedKey(session), "{}", kAnyGeneration).ok());
  }
  std::map<SessionKey, int> times;
  for (int i = 0; i < 100; ++i) ++times[turns.SessionFor(task)];
  EXPECT_EQ(times[task.session], 50);
  EXPECT_GT(times[strangers[0]], 10);
  EXPECT_GT(times[strangers[1]], 10);
}

TEST(StoreTurns, ABatchGivesWayToWhoCameSinceItBegan) {
  class CountingStore final : public ForwardingStore {
   public:
    using ForwardingStore::ForwardingStore;
    Result<std::vector<std::string>> ListFolders(const std::string& prefix) override {
      ++listings;
      return ForwardingStore::ListFolders(prefix);
    }
    int listings = 0;
  };
  MemoryStore memory;
  CountingStore store(memory);
  HandClock clock;
  StoreTurns turns(store, clock, Seeded(1));
  const Task task{{kCrowd, "00000000-0000-4000-8000-000000000001"}, "", 0, 0, 0};
  const SessionKey stranger{kStranger, "00000000-0000-4000-8000-000000000002"};
  ASSERT_TRUE(store.Write(UnfinishedKey(task.session), "{}", kAnyGeneration).ok());
  EXPECT_EQ(turns.SessionFor(task), task.session);
  clock.now += Milliseconds(1);
  const Time began = clock.now;
  EXPECT_FALSE(turns.OthersWait(task.session, began));

  ASSERT_TRUE(store.Write(UnfinishedKey(stranger), "{}", kAnyGeneration).ok());
  clock.now += Milliseconds(1900);
  EXPECT_FALSE(turns.OthersWait(task.session, began));
  EXPECT_EQ(store.listings, 1);
  clock.now += Milliseconds(100);
  EXPECT_TRUE(turns.OthersWait(task.session, began));
  EXPECT_TRUE(turns.OthersWait(task.session, began));
  EXPECT_EQ(store.listings, 2);
  EXPECT_FALSE(turns.OthersWait(stranger, began));

  EXPECT_EQ(turns.SessionFor(task), stranger);
  EXPECT_FALSE(turns.OthersWait(task.session, began));
  // Gone and come back.
  ASSERT_TRUE(store.Delete(UnfinishedKey(stranger), kAnyGeneration).ok());
  clock.now += Seconds(2);
  EXPECT_FALSE(turns.OthersWait(task.session, began));
  ASSERT_TRUE(store.Write(UnfinishedKey(stranger), "{}", kAnyGeneration).ok());
  clock.now += Seconds(2);
  EXPECT_TRUE(turns.OthersWait(task.session, began));
  EXPECT_FALSE(turns.OthersWait(task.session, clock.now));  // a batch that began since
}

TEST(StoreTurns, TheSessionIsTheTasksOwnWhenTheStoreCannotTell) {
  class AwayStore final : public ForwardingStore {
   public:
    using ForwardingStore::ForwardingStore;
    Result<std::vector<std::string>> ListFolders(const std::string&) override {
      return Error{ErrorCode::kUnavailable, "away", ""};
    }
  };
  MemoryStore store;
  AwayStore away(store);
  const Task task{{kCrowd, "00000000-0000-4000-8000-000000000001"}, "", 0, 0, 0};
  EXPECT_EQ(StoreTurns(away, SystemClock()).SessionFor(task), task.session);
}

}  // namespace
}  // namespace gnosis
