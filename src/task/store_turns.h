// Whose turn it is when an external queue delivers the tasks. Such a queue delivers most for the
// owner who put most into it; so a delivery counts as a free slot, used for the owner whom this
// process served longest ago among those that have work according to the store.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "session/keys.h"
#include "session/object_store.h"
#include "task/owner_turns.h"
#include "task/task_queue.h"

namespace gnosis {

// A number below `count`, which is at least 1, each equally likely.
using RandomBelow = std::function<size_t(size_t count)>;
// Uses the operating system's random numbers.
size_t SystemRandomBelow(size_t count);

// Only fairness depends on what it remembers: a new process serves the owners in a random order.
// Thread-safe.
class StoreTurns {
 public:
  StoreTurns(ObjectStore& store, Clock& clock, RandomBelow random = SystemRandomBelow)
      : store_(store), clock_(clock), random_(std::move(random)) {}

  // One of the sessions of the owner whose turn it is, who counts as served from then on. It is the
  // task's own session if it is its owner's turn, or if the store cannot be read. Takes one
  // listing, or two.
  SessionKey SessionFor(const Task& task);

  // True if another owner has come since a batch for this session began, and has not had a turn
  // yet. Takes one listing every two seconds, however many batches ask.
  bool OthersWait(const SessionKey& session, Time began);

 private:
  // "unfinished/{user_hash}/" of each.
  Result<std::vector<std::string>> ListOwners();
  std::string TakeTurn(const std::vector<std::string>& owners);

  ObjectStore& store_;
  Clock& clock_;
  const RandomBelow random_;
  std::mutex mutex_;
  OwnerTurns turns_;
  Time listed_;
  std::map<std::string, Time> came_;  // owners in the newest listing; kLongAgo after their turn
};

}  // namespace gnosis
