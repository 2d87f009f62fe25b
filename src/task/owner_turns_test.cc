#include "task/owner_turns.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "support/forwarding_store.h"
#include "support/memory_store.h"

namespace gnosis {
namespace {

// One piece of an owner's work at a time.
std::string ServeNext(OwnerTurns& turns) {
  const std::string owner = turns.Next().value_or("nobody");
  if (owner == "nobody") return owner;
  turns.Begin(owner);
  turns.End(owner);
  return owner;
}

TEST(OwnerTurns, WhoNeverWasServedComesInTheOrderOfArrival) {
  OwnerTurns turns;
  for (const char* owner : {"eve", "ada", "bob", "ada"}) turns.Wait(owner);
  EXPECT_EQ(ServeNext(turns), "eve");
  EXPECT_EQ(ServeNext(turns), "ada");
  EXPECT_EQ(ServeNext(turns), "bob");
  EXPECT_EQ(ServeNext(turns), "ada");
  EXPECT_EQ(ServeNext(turns), "nobody");
}

TEST(OwnerTurns, WhoHasLessAtWorkComesBeforeWhoWasServedLongerAgo) {
  OwnerTurns turns;
  for (int i = 0; i < 3; ++i) turns.Wait("ada");
  for (int i = 0; i < 3; ++i) turns.Wait("bob");
  turns.Begin("ada");
  turns.Begin("bob");
  turns.End("bob");
  EXPECT_EQ(turns.Next(), "bob");
  turns.End("ada");
  EXPECT_EQ(turns.Next(), "ada");
}

TEST(OwnerTurns, NobodyHasMoreAtWorkThanTheLimit) {
  OwnerTurns turns;
  turns.Wait("ada");
  turns.Wait("ada");
  turns.Begin("ada");
  EXPECT_EQ(turns.Next(1), std::nullopt);
  EXPECT_EQ(turns.Next(2), "ada");
  turns.Wait("bob");
  EXPECT_EQ(turns.Next(1), "bob");
}

TEST(OwnerTurns, WhoWithdrewDoesNotWait) {
  OwnerTurns turns;
  turns.Wait("ada");
  EXPECT_EQ(turns.Waiting("ada"), 1);
  turns.Withdraw("ada");
  EXPECT_EQ(turns.Waiting("ada"), 0);
  EXPECT_EQ(turns.Next(), std::nullopt);
}

TEST(OwnerTurns, OfTenThousandIdleOwnersTheLongestIdleIsForgotten) {
  for (const int others : {9'999, 10'000}) {
    OwnerTurns turns;
    turns.Wait("ada");
    EXPECT_EQ(ServeNext(turns), "ada");
    for (int other = 0; other < others; ++other) {
      turns.Wait(fmt::format("other{}", other));
      ServeNext(turns);
    }
    turns.Wait("ada");
    turns.Wait("newcomer");
    // Forgotten, she was never served either, and came first.
    EXPECT_EQ(turns.Next(), others == 10'000 ? "ada" : "newcomer");
  }
}

TEST(OwnerTurns, OthersWaitWhenOneOfThemHasLessAtWork) {
  OwnerTurns turns;
  turns.Wait("ada");
  turns.Wait("ada");
  turns.Begin("ada");
  EXPECT_FALSE(turns.OthersWait("ada"));
  turns.Wait("bob");
  EXPECT_TRUE(turns.OthersWait("ada"));
  turns.Begin("bob");
  turns.Wait("bob");
  EXPECT_FALSE(turns.OthersWait("ada"));
}

// Owners' unfinished sessions in a store, and a queue outside that delivers in the order of what
// was put in: after each batch a task comes back as its successor, at the end.
class Cloud {
 public:
  explicit Cloud(uint32_t seed) : random_(seed) {}

  void AddSession(const std::string& owner, int batches) {
    const SessionKey session{owner,
                             fmt::format("00000000-0000-4000-8000-{:012x}", next_session_++)};
    (void)store_.Write(UnfinishedKey(session), "{}", kAnyGeneration);
    batches_left_[session] = batches;
    queue_.push_back({session, "", 0, 0, 0});
  }

  // The owner whose batch it was.
  std::string WorkOneBatch() {
    Task task = queue_.front();
    queue_.pop_front();
    const SessionKey session = SessionForTurn(store_, task, [&](size_t count) {
      return std::uniform_int_distribution<size_t>(0, count - 1)(random_);
    });
    if (int& left = batches_left_.at(session); left > 0 && --left == 0) {
      (void)store_.Delete(UnfinishedKey(session), kAnyGeneration);
    }
    if (batches_left_.at(task.session) > 0) queue_.push_back(task);
    return session.user_hash;
  }

  int BatchesUntil(const std::string& owner) {
    int batches = 1;
    while (WorkOneBatch() != owner) ++batches;
    return batches;
  }
  bool idle() const { return queue_.empty(); }
  bool everything_is_read() const {
    return std::all_of(batches_left_.begin(), batches_left_.end(),
                       [](const auto& session) { return session.second == 0; });
  }

 private:
  MemoryStore store_;
  std::mt19937 random_;
  std::deque<Task> queue_;
  std::map<SessionKey, int> batches_left_;
  int next_session_ = 0;
};

const std::string kCrowd = "aaaaaaaaaaaa";
const std::string kStranger = "bbbbbbbbbbbb";

// The mean over many lots of how many batches are worked until the stranger's only one, which came
// last, is.
double MeanWait(int owners_with_many_sessions) {
  constexpr int kLots = 300;
  int batches = 0;
  for (uint32_t seed = 0; seed < kLots; ++seed) {
    Cloud cloud(seed);
    for (int owner = 0; owner < owners_with_many_sessions; ++owner) {
      const std::string name = fmt::format("{}{:x}", kCrowd.substr(1), owner);
      for (int session = 0; session < 60; ++session) cloud.AddSession(name, 5);
    }
    cloud.AddSession(kStranger, 1);
    batches += cloud.BatchesUntil(kStranger);
  }
  return double(batches) / kLots;
}

TEST(SessionForTurn, AStrangerWaitsForAboutAsManyBatchesAsThereAreOwners) {
  EXPECT_NEAR(MeanWait(1), 2, 0.5);
  EXPECT_NEAR(MeanWait(4), 5, 1.0);
}

TEST(SessionForTurn, EverythingIsReadInTheEnd) {
  Cloud cloud(1);
  for (int session = 0; session < 20; ++session) cloud.AddSession(kCrowd, 5);
  for (int session = 0; session < 3; ++session) cloud.AddSession(kStranger, 2);
  while (!cloud.idle()) cloud.WorkOneBatch();
  EXPECT_TRUE(cloud.everything_is_read());
}

TEST(SessionForTurn, IsTheTasksOwnWhenItsOwnerIsAlone) {
  MemoryStore store;
  const Task task{{kCrowd, "00000000-0000-4000-8000-000000000001"}, "", 0, 0, 0};
  const auto first = [](size_t) { return size_t(0); };
  EXPECT_EQ(SessionForTurn(store, task, first), task.session);  // its marker is gone
  for (int i = 1; i <= 3; ++i) {
    const SessionKey session{kCrowd, fmt::format("00000000-0000-4000-8000-{:012x}", i)};
    ASSERT_TRUE(store.Write(UnfinishedKey(session), "{}", kAnyGeneration).ok());
  }
  EXPECT_EQ(SessionForTurn(store, task, first), task.session);
}

TEST(SessionForTurn, IsOneOfTheSessionsOfTheOwnerWhoIsDrawn) {
  MemoryStore store;
  const Task task{{kCrowd, "00000000-0000-4000-8000-000000000001"}, "", 0, 0, 0};
  const SessionKey strangers[] = {{kStranger, "00000000-0000-4000-8000-000000000002"},
                                  {kStranger, "00000000-0000-4000-8000-000000000003"}};
  for (const SessionKey& session : {task.session, strangers[0], strangers[1]}) {
    ASSERT_TRUE(store.Write(UnfinishedKey(session), "{}", kAnyGeneration).ok());
  }
  const auto last = [](size_t count) { return count - 1; };
  EXPECT_EQ(SessionForTurn(store, task, last), strangers[1]);
  EXPECT_EQ(SessionForTurn(store, task, [](size_t) { return size_t(0); }), task.session);
}

TEST(SessionForTurn, IsTheTasksOwnWhenTheStoreCannotTell) {
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
  EXPECT_EQ(SessionForTurn(away, task, SystemRandomBelow), task.session);
}

}  // namespace
}  // namespace gnosis
