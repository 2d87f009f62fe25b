// Whose turn it is where a queue outside delivers the tasks. Such a queue delivers most for whoever
// put most into it; so a delivery is taken as a free slot, and read is for the owner, of those who
// the store says have work, whom this process served longest ago.
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

// A number below `count`, which is at least 1, each as likely as the others.
using RandomBelow = std::function<size_t(size_t count)>;
// From the operating system's random numbers.
size_t SystemRandomBelow(size_t count);

// What it remembers is only a matter of manners: a new process serves the owners in an order of
// its own drawing. Thread-safe.
class StoreTurns {
 public:
  StoreTurns(ObjectStore& store, Clock& clock, RandomBelow random = SystemRandomBelow)
      : store_(store), clock_(clock), random_(std::move(random)) {}

  // One of the sessions of the owner whose turn it is, who counts as served from then on. The
  // task's own session when the turn is its owner's, and when the store cannot tell. One listing,
  // or two.
  SessionKey SessionFor(const Task& task);

  // Since a batch for this session began another owner has come and has not had a turn yet. A
  // listing every two seconds, however many batches ask.
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
  std::map<std::string, Time> came_;  // who is in the newest listing; with his turn, long ago
};

}  // namespace gnosis
