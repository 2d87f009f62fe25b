// One page of a job as shown by the API.
#pragma once

#include <optional>
#include <string>

#include "api/call.h"
#include "base/clock.h"
#include "base/json.h"
#include "session/metadata.h"
#include "session/processing.h"

namespace gnosis {

// Lists of pages are generated in pieces of this many, about 30 KB at most: a slow client never has
// more than that buffered, however many pages a job has.
inline constexpr size_t kPagesPerPiece = 64;

// A page with a live lease is processing, with an expired one pending.
PageStatus ShownStatus(const PageEntry& entry, Time now);

// {page, status, confidence, source, error}: the data of an event.
Json PageEventJson(int page, const PageEntry& entry, Time now);
// More details: attempts, edition, times, links to its files.
Json PageStateJson(const std::string& job_id, int page, const PageEntry& entry, Time now);

// The page {page}, with the data needed to serve it.
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
