// Whose turn it is. Owners share what reads their documents: who has much of it at work or has just
// been served stands behind who has less, however much each has waiting.
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

}  // namespace gnosis
