// The rules of the protocol (ARCHITECTURE.md) as pure functions on values: no disk, no clock, no
// threads; the time is an argument. `revision` grows by one for every page that a rule changes, and
// by at least one when it changes anything.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "session/metadata.h"
#include "session/processing.h"

namespace gnosis {

struct Limits {
  int max_failures = 3;      // observed failures after which a page is given up
  int max_timeouts = 2;      // of those, by the time limit: they blocked a worker for long
  int max_interrupted = 10;  // claims that ended without an outcome (the worker disappeared)
};

// A summary of a page's result file: enough for the record.
struct PageOutcome {
  int page = 0;
  int edition = 0;
  bool completed = false;            // false: failed, and will not be retried
  std::optional<std::string> error;  // "code: message" of a failed page
  Time completed_at{};
  std::string result_file;
  std::optional<double> confidence;
  std::string source;
  int64_t duration_ms = 0;
};
using Outcomes = std::map<int, PageOutcome>;  // by page

struct ClaimRequest {
  std::string task_name;  // a lease of this same task (an earlier delivery) may be taken over
  std::string owner;      // "{task_name}/{random}", the new lease's owner
  Time now{};
  Seconds lease{};
  int max_pages = 10;  // OCR_BATCH_SIZE
  int chains = 1;      // if there are several, a claim leaves work for the others
};

struct Claim {
  std::vector<int> pages;  // now leased to `owner`, in the order to process them
  // Pages that reached a limit: write a `failed` result for each, then claim again. If there are
  // any, nothing else is claimed, so that fresh pages are still fresh at the second claim.
  std::vector<int> give_up;
  bool all_finished = false;            // every page has a result: combine
  std::optional<Time> earliest_expiry;  // nothing claimable: others hold leases until then
};

// Merges `known` results into `record`, then takes pages: fresh ones in page order, up to
// min(max_pages, ceil(fresh / chains)); if none is fresh, a single page that was attempted before,
// the one with the fewest attempts. Sets processing, attempts + 1, owner, started_at, expiry. Does
// not touch a final record: Claim is then empty (all_finished false).
Claim ClaimPages(Processing& record, const Outcomes& known, const ClaimRequest& request,
                 const Limits& limits);

// A result exists: the page is completed or failed and its lease ends. An outcome of an older
// edition than the record's changes nothing. True if the record changed.
bool MergeOutcome(Processing& record, const PageOutcome& outcome);
bool MergeOutcomes(Processing& record, const Outcomes& outcomes);

// An attempt failed, but another may succeed: failures + 1, back to pending, `error` kept. Only if
// `owner` still holds the lease.
struct FailedAttempt {
  int page = 0;
  std::string error;
  bool timed_out = false;
};
void RecordFailedAttempt(Processing& record, const FailedAttempt& attempt,
                         const std::string& owner);
// Not started: attempts - 1, back to pending. Only pages whose lease `owner` still holds.
void GiveBack(Processing& record, const std::vector<int>& pages, const std::string& owner);

bool AllFinished(const Processing& record);
// completed, completed_with_errors, or failed when no page succeeded. Requires AllFinished.
SessionState FinalState(const Processing& record);

enum class Leases {
  kRespect,  // other workers may be running: only expired leases are void
  kBreak,    // no other worker can be running (start-up under the data folder's lock)
};
// If the session is not final and no lease is live: raises the epoch, voids leases, and returns
// true; the caller writes the record and enqueues a task. Pages voided by kBreak keep their
// attempts. With `idle`, only if nothing has happened for that long, doubled after every recovery,
// because the tasks may merely be queued.
bool RecoverRecord(Processing& record, Time now, Leases leases, Seconds idle = Seconds(0));

// The record from metadata and results alone, when processing.json is lost or damaged. `state`,
// `revision` and `epoch` are the last ones in status.json, if it could be read; the new epoch and
// revision are higher. A state that claims to be final is believed only if cancelled or if every
// page has a result.
struct LastPublished {
  SessionState state = SessionState::kQueued;
  int64_t revision = 0;
  int epoch = 0;
};
Processing RebuildRecord(const Metadata& metadata, const std::vector<int>& pages, int batch_size,
                         const Outcomes& results, const std::optional<LastPublished>& last);

// Cancels unless already final; leases are voided. False: it was final.
bool CancelRecord(Processing& record, Time now);

// Requests pages again: edition + 1, pending, attempts and failures 0, epoch + 1, state queued.
// `pages` {} = the failed ones and, of a cancelled session, those that were never processed. A
// cancelled session resumes with all its unprocessed pages, whether listed or not. kConflict: the
// session is not final yet; kNotFound: no such page; kNoPages: none failed; kInvalidArgument:
// CheckPageOverride. An error changes nothing.
Status RedoPages(Processing& record, const std::vector<int>& pages, const PageOverride& options,
                 Time now);

struct PageCounts {
  int pending = 0;
  int processing = 0;
  int completed = 0;
  int failed = 0;
};
// The status shown to users: a live lease is processing, an expired one pending.
PageCounts CountPages(const Processing& record, Time now);

}  // namespace gnosis
