// One page of a job as the API shows it.
#pragma once

#include <optional>
#include <string>

#include "api/call.h"
#include "base/clock.h"
#include "base/json.h"
#include "session/metadata.h"
#include "session/processing.h"

namespace gnosis {

// Of a list of pages so many are made at a time, at most some 30 KB: what waits for a slow reader
// is never more than that, however many pages a job has.
inline constexpr size_t kPagesPerPiece = 64;

// A live lease is processing, an expired one pending.
PageStatus ShownStatus(const PageEntry& entry, Time now);

// {page, status, confidence, source, error}: what an event says.
Json PageEventJson(int page, const PageEntry& entry, Time now);
// More of it: attempts, edition, times, links to what there is.
Json PageStateJson(const std::string& job_id, int page, const PageEntry& entry, Time now);

// The page that {page} names, with what is needed to serve it.
struct PageOfJob {
  SessionKey session;
  std::shared_ptr<const Metadata> metadata;
  JobStatus job;
  int page = 0;
  PageEntry entry;
  Time now{};
};
// kNotFound: no such job, or no such page in it.
Result<PageOfJob> FindPage(Call& call);

}  // namespace gnosis
