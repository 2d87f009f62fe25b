// The rules that concern a session as a whole: recover, rebuild, cancel, redo.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "session/rules.h"
#include "session/rules_page.h"

namespace gnosis {
namespace {

constexpr int kMostDoublings = 6;

void VoidLeases(Processing& record) {
  for (auto& [page, entry] : record.pages) {
    if (entry.status != PageStatus::kProcessing) continue;
    ReturnToPending(entry);
    ++record.revision;
  }
}

bool AnyLeased(const Processing& record, Time now) {
  return std::any_of(record.pages.begin(), record.pages.end(),
                     [&](const auto& page) { return IsLeased(page.second, now); });
}

// Not the present time: rebuilding a record just to look at it is no progress, and recovery
// measures the time since the last progress.
Time LastSignOfLife(const Metadata& metadata, const Outcomes& results) {
  Time last = metadata.created_at;
  for (const auto& [page, outcome] : results) last = std::max(last, outcome.completed_at);
  return last;
}

// How much of the last published state a rebuilt record may trust.
SessionState BelievedState(const Processing& record, SessionState last) {
  if (last == SessionState::kCancelled) return last;
  if (IsFinal(last) && AllFinished(record)) return FinalState(record);
  return SessionState::kQueued;
}

std::set<int> PagesToRedo(const Processing& record, const std::vector<int>& asked) {
  std::set<int> pages(asked.begin(), asked.end());
  if (!asked.empty()) return pages;
  for (const auto& [page, entry] : record.pages) {
    if (entry.status != PageStatus::kCompleted) pages.insert(page);
  }
  return pages;
}

Status CheckRedo(const Processing& record, const std::set<int>& pages,
                 const PageOverride& options) {
  if (!IsFinal(record.state)) {
    return Error{ErrorCode::kConflict,
                 fmt::format("the job is still {}", SessionStateName(record.state)),
                 "wait until it is final, or cancel it first"};
  }
  for (const int page : pages) {
    if (record.pages.contains(page)) continue;
    return Error{ErrorCode::kNotFound, fmt::format("the job has no page {}", page), ""};
  }
  if (pages.empty()) {
    return Error{ErrorCode::kNoPages, "the job has no failed pages",
                 "list the pages to process again"};
  }
  return CheckPageOverride(options);
}

PageEntry AskedAnew(const PageEntry& before, const PageOverride& options) {
  PageEntry entry;
  entry.image = before.image;
  entry.edition = before.edition + 1;
  entry.override_options = options;
  return entry;
}

// Of a cancelled session: an interrupted attempt says nothing about the page.
void ForgetAttempts(Processing& record) {
  for (auto& [page, entry] : record.pages) {
    if (IsFinished(entry.status) || entry.attempts == 0) continue;
    ReturnToPending(entry);
    entry.attempts = 0;
    entry.failures = 0;
    entry.timeouts = 0;
    ++record.revision;
  }
}

}  // namespace

bool RecoverRecord(Processing& record, Time now, Leases leases, Seconds idle) {
  if (IsFinal(record.state)) return false;
  if (now - record.updated_at < idle * (1 << std::min(record.epoch, kMostDoublings))) return false;
  if (leases == Leases::kRespect && AnyLeased(record, now)) return false;
  VoidLeases(record);
  ++record.epoch;
  ++record.revision;
  record.updated_at = now;
  return true;
}

Processing RebuildRecord(const Metadata& metadata, const std::vector<int>& pages, int batch_size,
                         const Outcomes& results, const std::optional<LastPublished>& last) {
  Processing record = NewProcessing(metadata, pages, batch_size);
  MergeOutcomes(record, results);
  const LastPublished published = last.value_or(LastPublished{});
  record.state = BelievedState(record, published.state);
  record.revision = std::max(record.revision, published.revision) + 1;
  record.epoch = std::max(record.epoch, published.epoch) + 1;
  record.updated_at = LastSignOfLife(metadata, results);
  return record;
}

bool CancelRecord(Processing& record, Time now) {
  if (IsFinal(record.state)) return false;
  VoidLeases(record);
  record.state = SessionState::kCancelled;
  record.updated_at = now;
  ++record.revision;
  return true;
}

Status RedoPages(Processing& record, const std::vector<int>& pages, const PageOverride& options,
                 Time now) {
  const std::set<int> redo = PagesToRedo(record, pages);
  RETURN_IF_ERROR(CheckRedo(record, redo, options));
  for (const int page : redo) {
    PageEntry& entry = record.pages.at(page);
    entry = AskedAnew(entry, options);
  }
  record.revision += int64_t(redo.size()) + 1;
  ForgetAttempts(record);
  record.state = SessionState::kQueued;
  record.error.reset();
  ++record.epoch;
  record.updated_at = now;
  return Ok();
}

}  // namespace gnosis
