#include "task/store_turns.h"

#include <sys/random.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

namespace gnosis {
namespace {

// "unfinished/{user_hash}/", where the session's marker is.
std::string MarkersOfOwner(const SessionKey& session) {
  const std::string marker = UnfinishedKey(session);
  return marker.substr(0, marker.rfind('/') + 1);
}

constexpr Seconds kListedAgainAfter{2};
constexpr Time kLongAgo{};

}  // namespace

size_t SystemRandomBelow(size_t count) {
  uint64_t number = 0;
  GNOSIS_CHECK(::getrandom(&number, sizeof number, 0) == ssize_t(sizeof number));
  return size_t(number % count);  // with 64 bits the bias is negligible
}

SessionKey StoreTurns::SessionFor(const Task& task) {
  auto folders = ListOwners();
  if (!folders.ok()) return task.session;
  // The owner's marker may be gone while the task is still to be handled.
  const std::string own = MarkersOfOwner(task.session);
  if (std::find(folders->begin(), folders->end(), own) == folders->end()) folders->push_back(own);
  const std::string owner = TakeTurn(*folders);
  if (owner == own) return task.session;
  const auto keys = store_.List(owner);
  if (!keys.ok()) return task.session;
  std::vector<SessionKey> sessions;
  for (const std::string& key : *keys) {
    if (auto session = ParseUnfinishedKey(key)) sessions.push_back(*std::move(session));
  }
  return sessions.empty() ? task.session : sessions[random_(sessions.size())];
}

bool StoreTurns::OthersWait(const SessionKey& session, Time began) {
  const auto is_due = [this] {
    const std::lock_guard lock(mutex_);
    if (clock_.Now() - listed_ < kListedAgainAfter) return false;
    listed_ = clock_.Now();  // other batches that ask meanwhile do not list
    return true;
  };
  if (is_due()) (void)ListOwners();
  const std::lock_guard lock(mutex_);
  return std::any_of(came_.begin(), came_.end(), [&](const auto& owner) {
    return owner.second > began && owner.first != MarkersOfOwner(session);
  });
}

Result<std::vector<std::string>> StoreTurns::ListOwners() {
  auto folders = store_.ListFolders(std::string(kUnfinishedFolder));
  if (!folders.ok()) return folders;
  const std::lock_guard lock(mutex_);
  listed_ = clock_.Now();
  std::map<std::string, Time> came;
  for (const std::string& owner : *folders) {
    const auto known = came_.find(owner);
    came[owner] = known == came_.end() ? listed_ : known->second;
  }
  came_ = std::move(came);
  return folders;
}

std::string StoreTurns::TakeTurn(const std::vector<std::string>& owners) {
  const std::lock_guard lock(mutex_);
  // Drawn, so that many new processes do not all begin with the same owner.
  const size_t first = random_(owners.size());
  for (size_t i = 0; i < owners.size(); ++i) turns_.Wait(owners[(first + i) % owners.size()]);
  std::string next = *turns_.Next();
  for (const std::string& owner : owners) {
    if (owner != next) turns_.Withdraw(owner);
  }
  turns_.Begin(next);
  turns_.End(next);
  came_[next] = kLongAgo;
  return next;
}

}  // namespace gnosis
