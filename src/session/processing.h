// processing.json: which worker processes which page (ARCHITECTURE.md). It coordinates and reports;
// the authority on a page is its result file, from which this record can be rebuilt.
//
// The life of a page here:
//   pending --claim--> processing --merge--> completed | failed
//      ^                   |
//      +--- give back, lease expired, attempt failed; redo (edition + 1) from completed | failed
// The life of a session:
//   queued --first claim--> processing --> completed | completed_with_errors | failed
//   queued | processing --> cancelled;   any final state --retry--> queued
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "session/metadata.h"

namespace gnosis {

enum class PageStatus { kPending, kProcessing, kCompleted, kFailed };
enum class SessionState {
  kQueued,
  kProcessing,
  kCompleted,
  kCompletedWithErrors,
  kFailed,
  kCancelled
};
std::string_view PageStatusName(PageStatus status);
std::string_view SessionStateName(SessionState state);
std::optional<PageStatus> ParsePageStatus(std::string_view name);
std::optional<SessionState> ParseSessionState(std::string_view name);
bool IsFinished(PageStatus status);  // completed or failed
bool IsFinal(SessionState state);

struct PageEntry {
  std::string image;  // file name; created when the page is processed
  PageStatus status = PageStatus::kPending;
  std::optional<Time> started_at;
  std::optional<Time> completed_at;
  std::optional<std::string> result_file;
  std::optional<std::string> error;  // why it failed, or why the last attempt did
  int attempts = 0;                  // claims, counted before work starts
  int failures = 0;                  // attempts that failed while the worker was alive
  int timeouts = 0;                  // those of them that reached the time limit
  std::string owner;                 // of the lease: "{task name}/{random}"; "" = none
  std::optional<Time> lease_expires_at;
  int edition = 0;                   // how often a retry of the page was requested
  PageOverride override_options;     // the options of the last redo
  std::optional<double> confidence;  // 0 to 100, mean over words
  std::string source;                // "text_layer", "tesseract 5.3.0", ...
  std::optional<int64_t> duration_ms;
  bool operator==(const PageEntry&) const = default;
};

struct Processing {
  int schema_version = 1;
  std::string session_id;   // also written as job_id
  std::string incarnation;  // Metadata::incarnation
  int total_pages = 0;      // of the job = pages.size()
  int batch_size = 10;
  SessionState state = SessionState::kQueued;
  int64_t revision = 1;              // grows with every published change
  int epoch = 0;                     // raised by recovery and redo: new task names
  std::string write_id;              // of the last writer: distinguishes our write from another's
  std::optional<std::string> error;  // why the session failed
  std::map<int, PageEntry> pages;    // by page number of the document
  Time created_at{};
  Time updated_at{};
  bool operator==(const Processing&) const = default;
};

// The record right after admission: every requested page pending. `pages` is what SelectPages
// returned for metadata.options.pages.
Processing NewProcessing(const Metadata& metadata, const std::vector<int>& pages, int batch_size);

// One line per page, so that people can read it; internal fields (attempts and those after it) are
// written only when set. Ends in a newline. Carries a checksum (CRC-32) over everything else in the
// file. Invalid UTF-8 in texts becomes U+FFFD.
std::string EncodeProcessing(const Processing& processing);
// kDamaged for anything that EncodeProcessing could not have written: a flipped bit, a missing
// tail, an impossible value. The caller then rebuilds (rules.h).
Result<Processing> DecodeProcessing(std::string_view bytes);

}  // namespace gnosis
