// Whose turn it is. Owners share the workers that process their documents: an owner with many tasks
// being processed, or one that has just been served, comes after one with fewer, however much each
// has waiting.
#pragma once

#include <climits>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>

namespace gnosis {

// The life of one piece of an owner's work: it waits, starts (from then on its owner counts as
// served) and ends; or it is withdrawn while it waits. Every call takes logarithmic time. Not
// thread-safe.
class OwnerTurns {
 public:
  void Wait(const std::string& owner);
  void Withdraw(const std::string& owner);
  void Begin(const std::string& owner);
  void End(const std::string& owner);

  // Among the owners that are waiting and have fewer than `limit` in progress: the one with the
  // fewest in progress, then the one served longest ago, then the first to arrive.
  std::optional<std::string> Next(int limit = INT_MAX) const;
  // A waiting owner has less in progress than this one.
  bool OthersWait(const std::string& owner) const;
  int Waiting(const std::string& owner) const;

 private:
  struct Account {
    int waiting = 0;
    int at_work = 0;
    uint64_t served = 0;  // when, by the count below; 0 is never
    uint64_t came = 0;
  };
  // The owners that are waiting, in the order of their turns.
  struct Turn {
    int at_work;
    uint64_t served;
    uint64_t came;
    std::string owner;
    auto operator<=>(const Turn&) const = default;
  };

  // Changes an account and moves its owner to the right place in the order.
  void Change(const std::string& owner, const std::function<void(Account&)>& change);
  void ForgetTheLongestIdle();

  std::unordered_map<std::string, Account> accounts_;
  std::set<Turn> turns_;
  // Owners without any work, by when they were served: an owner that sends one document after
  // another stays behind those that were served earlier.
  std::map<uint64_t, std::string> idle_;
  uint64_t count_ = 0;
};

}  // namespace gnosis
