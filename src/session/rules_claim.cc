#include <algorithm>

#include "session/rules.h"
#include "session/rules_page.h"

namespace gnosis {
namespace {

bool IsOwnedByTask(const PageEntry& entry, std::string_view task_name) {
  return entry.owner.size() > task_name.size() && entry.owner.starts_with(task_name) &&
         entry.owner[task_name.size()] == '/';
}

bool ReachedALimit(const PageEntry& entry, const Limits& limits) {
  return entry.failures >= limits.max_failures || entry.timeouts >= limits.max_timeouts ||
         entry.attempts - entry.failures >= limits.max_interrupted;
}

// The unfinished pages by what can be done with them, each list in page order.
struct Unfinished {
  std::vector<int> fresh;      // never attempted
  std::vector<int> attempted;  // claimable once more
  std::vector<int> given_up;
  std::optional<Time> earliest_expiry;  // of the others' live leases
};

Unfinished SortOut(const Processing& record, const ClaimRequest& request, const Limits& limits) {
  Unfinished unfinished;
  for (const auto& [page, entry] : record.pages) {
    if (IsFinished(entry.status)) continue;
    if (IsLeased(entry, request.now) && !IsOwnedByTask(entry, request.task_name)) {
      const Time expiry = *entry.lease_expires_at;
      unfinished.earliest_expiry = std::min(unfinished.earliest_expiry.value_or(expiry), expiry);
    } else if (ReachedALimit(entry, limits)) {
      unfinished.given_up.push_back(page);
    } else {
      (entry.attempts == 0 ? unfinished.fresh : unfinished.attempted).push_back(page);
    }
  }
  return unfinished;
}

// A page that was attempted before may have killed the worker: it is claimed alone, so that it
// cannot take fresh pages down with it.
std::vector<int> Choose(const Processing& record, Unfinished unfinished,
                        const ClaimRequest& request) {
  if (unfinished.fresh.empty()) {
    const auto fewest = std::min_element(
        unfinished.attempted.begin(), unfinished.attempted.end(),
        [&](int a, int b) { return record.pages.at(a).attempts < record.pages.at(b).attempts; });
    if (fewest == unfinished.attempted.end()) return {};
    return {*fewest};
  }
  const size_t chains = size_t(std::max(request.chains, 1));
  const size_t share = (unfinished.fresh.size() + chains - 1) / chains;
  unfinished.fresh.resize(std::min(share, size_t(std::max(request.max_pages, 1))));
  return std::move(unfinished.fresh);
}

void Lease(Processing& record, const std::vector<int>& pages, const ClaimRequest& request) {
  for (const int page : pages) {
    PageEntry& entry = record.pages.at(page);
    entry.status = PageStatus::kProcessing;
    ++entry.attempts;
    entry.owner = request.owner;
    entry.started_at = request.now;
    entry.lease_expires_at = request.now + request.lease;
    ++record.revision;
  }
  record.state = SessionState::kProcessing;
  record.updated_at = request.now;
}

// Pages that an earlier delivery of this same task held and that are not claimed now. The task is
// not delivered under this name again once its successor exists, so they would wait for their
// leases to expire.
void LetGo(Processing& record, const std::vector<int>& taken, std::string_view task_name) {
  for (auto& [page, entry] : record.pages) {
    if (entry.status != PageStatus::kProcessing || !IsOwnedByTask(entry, task_name)) continue;
    if (std::find(taken.begin(), taken.end(), page) != taken.end()) continue;
    ReturnToPending(entry);
    ++record.revision;
  }
}

}  // namespace

Claim ClaimPages(Processing& record, const Outcomes& known, const ClaimRequest& request,
                 const Limits& limits) {
  Claim claim;
  if (IsFinal(record.state)) return claim;
  MergeOutcomes(record, known);
  Unfinished unfinished = SortOut(record, request, limits);
  claim.give_up = std::move(unfinished.given_up);
  if (!claim.give_up.empty()) return claim;
  const std::optional<Time> earliest_expiry = unfinished.earliest_expiry;
  claim.pages = Choose(record, std::move(unfinished), request);
  if (!claim.pages.empty()) {
    LetGo(record, claim.pages, request.task_name);
    Lease(record, claim.pages, request);
    return claim;
  }
  // All unfinished pages are leased by others.
  claim.earliest_expiry = earliest_expiry;
  claim.all_finished = !earliest_expiry;
  return claim;
}

}  // namespace gnosis
