#include "session/rules.h"

#include <algorithm>

#include "session/rules_page.h"

namespace gnosis {
namespace {

bool MergeInto(PageEntry& entry, const PageOutcome& outcome) {
  const bool known = outcome.edition == entry.edition && IsFinished(entry.status);
  if (outcome.edition < entry.edition || known) return false;
  entry.edition = outcome.edition;
  entry.status = outcome.completed ? PageStatus::kCompleted : PageStatus::kFailed;
  entry.completed_at = outcome.completed_at;
  entry.result_file = outcome.result_file;
  entry.error = outcome.completed ? std::nullopt : outcome.error;
  // Out of range these would make the record unreadable.
  entry.confidence = outcome.confidence;
  if (entry.confidence) entry.confidence = std::clamp(*entry.confidence, 0.0, 100.0);
  entry.duration_ms = std::max<int64_t>(outcome.duration_ms, 0);
  entry.source = outcome.source;
  DropLease(entry);
  return true;
}

// The page if `owner` holds its lease, live or not; else nullptr.
PageEntry* FindOwned(Processing& record, int page, const std::string& owner) {
  const auto found = record.pages.find(page);
  if (found == record.pages.end()) return nullptr;
  PageEntry& entry = found->second;
  return entry.status == PageStatus::kProcessing && entry.owner == owner ? &entry : nullptr;
}

}  // namespace

bool MergeOutcome(Processing& record, const PageOutcome& outcome) {
  const auto found = record.pages.find(outcome.page);
  if (found == record.pages.end() || !MergeInto(found->second, outcome)) return false;
  ++record.revision;
  return true;
}

// Both are sorted by page: one walk through the two, since every claim merges all that is known.
bool MergeOutcomes(Processing& record, const Outcomes& outcomes) {
  const int64_t before = record.revision;
  auto outcome = outcomes.begin();
  for (auto& [page, entry] : record.pages) {
    while (outcome != outcomes.end() && outcome->first < page) ++outcome;
    if (outcome == outcomes.end()) break;
    if (outcome->first == page && MergeInto(entry, outcome->second)) ++record.revision;
  }
  return record.revision != before;
}

void RecordFailedAttempt(Processing& record, const FailedAttempt& attempt,
                         const std::string& owner) {
  PageEntry* entry = FindOwned(record, attempt.page, owner);
  if (entry == nullptr) return;
  ReturnToPending(*entry);
  ++entry->failures;
  if (attempt.timed_out) ++entry->timeouts;
  entry->error = attempt.error;
  ++record.revision;
}

void GiveBack(Processing& record, const std::vector<int>& pages, const std::string& owner) {
  for (const int page : pages) {
    PageEntry* entry = FindOwned(record, page, owner);
    if (entry == nullptr) continue;
    ReturnToPending(*entry);
    --entry->attempts;
    ++record.revision;
  }
}

bool AllFinished(const Processing& record) {
  return std::all_of(record.pages.begin(), record.pages.end(),
                     [](const auto& page) { return IsFinished(page.second.status); });
}

SessionState FinalState(const Processing& record) {
  GNOSIS_CHECK(AllFinished(record));
  const auto completed =
      std::count_if(record.pages.begin(), record.pages.end(),
                    [](const auto& page) { return page.second.status == PageStatus::kCompleted; });
  if (completed == 0) return SessionState::kFailed;
  return size_t(completed) == record.pages.size() ? SessionState::kCompleted
                                                  : SessionState::kCompletedWithErrors;
}

PageCounts CountPages(const Processing& record, Time now) {
  PageCounts counts;
  for (const auto& [page, entry] : record.pages) {
    if (IsFinished(entry.status)) {
      ++(entry.status == PageStatus::kCompleted ? counts.completed : counts.failed);
    } else {
      ++(IsLeased(entry, now) ? counts.processing : counts.pending);
    }
  }
  return counts;
}

}  // namespace gnosis
