#include "task/owner_turns.h"

#include "base/result.h"

namespace gnosis {
namespace {

// A forgotten owner counts as never served: among that many, it matters least for the one that has
// been idle longest.
constexpr size_t kRememberedIdleOwners = 10'000;

}  // namespace

void OwnerTurns::Wait(const std::string& owner) {
  Change(owner, [](Account& account) { ++account.waiting; });
}

void OwnerTurns::Withdraw(const std::string& owner) {
  Change(owner, [](Account& account) {
    GNOSIS_CHECK(account.waiting > 0);
    --account.waiting;
  });
}

void OwnerTurns::Begin(const std::string& owner) {
  Change(owner, [&](Account& account) {
    GNOSIS_CHECK(account.waiting > 0);
    --account.waiting;
    ++account.at_work;
    account.served = ++count_;
  });
}

void OwnerTurns::End(const std::string& owner) {
  Change(owner, [](Account& account) {
    GNOSIS_CHECK(account.at_work > 0);
    --account.at_work;
  });
}

std::optional<std::string> OwnerTurns::Next(int limit) const {
  if (turns_.empty() || turns_.begin()->at_work >= limit) return std::nullopt;
  return turns_.begin()->owner;
}

bool OwnerTurns::OthersWait(const std::string& owner) const {
  // If this owner is first in line, no waiting owner has less.
  const auto account = accounts_.find(owner);
  const int at_work = account == accounts_.end() ? 0 : account->second.at_work;
  return !turns_.empty() && turns_.begin()->at_work < at_work;
}

int OwnerTurns::Waiting(const std::string& owner) const {
  const auto account = accounts_.find(owner);
  return account == accounts_.end() ? 0 : account->second.waiting;
}

void OwnerTurns::Change(const std::string& owner, const std::function<void(Account&)>& change) {
  const auto [found, is_new] = accounts_.try_emplace(owner);
  Account& account = found->second;
  if (is_new) account.came = ++count_;
  turns_.erase({account.at_work, account.served, account.came, owner});
  if (account.waiting == 0 && account.at_work == 0) idle_.erase(account.served);
  change(account);
  if (account.waiting > 0) {
    turns_.insert({account.at_work, account.served, account.came, owner});
  } else if (account.at_work == 0 && account.served == 0) {
    accounts_.erase(found);
  } else if (account.at_work == 0) {
    idle_[account.served] = owner;
    ForgetTheLongestIdle();
  }
}

void OwnerTurns::ForgetTheLongestIdle() {
  if (idle_.size() <= kRememberedIdleOwners) return;
  accounts_.erase(idle_.begin()->second);
  idle_.erase(idle_.begin());
}

}  // namespace gnosis
