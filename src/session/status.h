// status.json and the API's job status: what a client wants to know, derived from metadata.json and
// processing.json.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/json.h"
#include "base/result.h"
#include "session/metadata.h"
#include "session/processing.h"
#include "session/rules.h"

namespace gnosis {

struct JobStatus {
  std::string job_id;
  SessionState state = SessionState::kQueued;
  int percent = 0;                  // 0 to 100; 100 only when final
  std::optional<int> current_page;  // the lowest page being processed
  int total_pages = 0;
  std::string message;  // one line for people: "processing page 3 of 20"
  PageCounts pages;
  std::optional<int64_t> eta_seconds;  // nothing until a page is finished, or when final
  int attempts = 0;                    // the highest number of attempts of any page
  int64_t revision = 0;
  int epoch = 0;
  std::string file_name;
  std::optional<std::string> error;
  Time created_at{};
  Time updated_at{};
  std::optional<Time> expires_at;
};

// When the session may be deleted: SESSION_TTL after its submission; but a session that finished
// late is kept for a day after finishing, or for the TTL if that is shorter. Nothing: kept forever.
std::optional<Time> ExpiryOf(const Metadata& metadata, const Processing& record);

// eta = (now - start) / n * pages left, over the n pages finished within the last ten minutes;
// `start` is when the first of them started.
JobStatus DeriveStatus(const Metadata& metadata, const Processing& record, Time now);

// {job_id, status, progress{percent, current_page, total_pages, message}, pages{...}, eta_seconds,
//  attempts, revision, epoch, file_name, error, created_at, updated_at, expires_at, links{...}}
// Links are paths ("/api/v1/jobs/{id}/events"), the same in the file and in the API.
Json StatusJson(const JobStatus& status);
// The three fields that a rebuild needs; kDamaged when they are missing.
Result<LastPublished> DecodeLastPublished(std::string_view status_json);

}  // namespace gnosis
