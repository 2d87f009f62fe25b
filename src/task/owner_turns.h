// Whose turn it is. Owners share what reads their documents: who has much of it at work or has just
// been served stands behind who has less, however much each has waiting. Within one process
// OwnerTurns keeps account; the workers of a cloud, which know nothing of each other, draw lots
// among the owners that the store says have work.
#pragma once

#include <climits>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>

#include "session/keys.h"
#include "session/object_store.h"
#include "task/task_queue.h"

namespace gnosis {

// The life of one piece of an owner's work: it waits, is begun (from then on its owner counts as
// served) and ends; or it is withdrawn while it waits. Every call takes logarithmic time. Not
// thread-safe.
class OwnerTurns {
 public:
  void Wait(const std::string& owner);
  void Withdraw(const std::string& owner);
  void Begin(const std::string& owner);
  void End(const std::string& owner);

  // Of those who wait and have fewer than `limit` at work: with the least at work, then served
  // longest ago, then first come.
  std::optional<std::string> Next(int limit = INT_MAX) const;
  // Somebody waits who has less at work than this owner.
  bool OthersWait(const std::string& owner) const;
  int Waiting(const std::string& owner) const;

 private:
  struct Account {
    int waiting = 0;
    int at_work = 0;
    uint64_t served = 0;  // when, on the count below; 0 is never
    uint64_t came = 0;
  };
  // Who waits, in the order of their turns.
  struct Turn {
    int at_work;
    uint64_t served;
    uint64_t came;
    std::string owner;
    auto operator<=>(const Turn&) const = default;
  };

  // Changes an account and puts its owner where he now belongs.
  void Change(const std::string& owner, const std::function<void(Account&)>& change);
  void ForgetTheLongestIdle();

  std::unordered_map<std::string, Account> accounts_;
  std::set<Turn> turns_;
  // Owners without any work, by when they were served: who sends one document after another stays
  // behind those who were served before him.
  std::map<uint64_t, std::string> idle_;
  uint64_t count_ = 0;
};

// A number below `count`, which is at least 1, each as likely as the others.
using RandomBelow = std::function<size_t(size_t count)>;
// From the operating system's random numbers.
size_t SystemRandomBelow(size_t count);

// The session that a worker to which a queue outside delivered `task` is to work on. Such a queue
// delivers most for whoever put most into it; so the owner is drawn by lot, each who has unfinished
// sessions as likely as the others, and then one of his sessions. The task's own session when its
// owner is drawn or is alone, and when the store cannot tell. One listing, or two.
SessionKey SessionForTurn(ObjectStore& store, const Task& task, const RandomBelow& random);

}  // namespace gnosis
