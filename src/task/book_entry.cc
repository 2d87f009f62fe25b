#include "task/book_entry.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/log.h"

namespace gnosis {
namespace {

// "finished" in the record without a result in the store is not believed while there are workers
// that can repair it; results missing from a final session are for `verify` to report.
void DropUnproven(Processing& record, const Outcomes& known) {
  if (IsFinal(record.state)) return;
  for (auto& [page, entry] : record.pages) {
    const bool finished =
        entry.status == PageStatus::kCompleted || entry.status == PageStatus::kFailed;
    if (!finished || known.contains(page)) continue;
    entry.status = PageStatus::kPending;
    entry.completed_at.reset();
    entry.result_file.reset();
    ++record.revision;
  }
}

}  // namespace

void Learn(BookEntry& entry, const PageOutcome& outcome) {
  PageOutcome& known = entry.known[outcome.page];
  if (known.page == 0 || known.edition <= outcome.edition) known = outcome;
  MergeOutcome(entry.record, outcome);
}

Status EntryLoader::MakeTrue(const SessionKey& session, BookEntry& entry, Wanted wanted) const {
  if (!options_.max_age) return entry.loaded ? Ok() : LoadRecord(session, entry);
  if (entry.loaded && wanted == Wanted::kAny) return Ok();
  const bool fresh = entry.loaded && clock_.Now() - entry.refreshed_at < *options_.max_age;
  if (wanted == Wanted::kWithResults) {
    return fresh && entry.listed ? Ok() : LoadRecord(session, entry);
  }
  if (wanted == Wanted::kNewest ? entry.asked : fresh) return Ok();
  RETURN_IF_ERROR(RefreshRecord(session, entry));
  const bool probes = options_.progress == BookOptions::Progress::kProbed;
  return probes && wanted == Wanted::kFresh ? Probe(session, entry) : Ok();
}

Result<bool> EntryLoader::IsNewest(const SessionKey& session, BookEntry& entry) const {
  if (!options_.max_age || entry.asked) return true;
  const auto info = store_.Stat(ProcessingKey(session));
  if (!info.ok() && info.code() != ErrorCode::kNotFound) return info.error();
  if (!info.ok() || info->generation != entry.generation) return false;
  entry.refreshed_at = clock_.Now();
  entry.asked = true;
  return true;
}

// Without a listing, which costs more than a read in a bucket: only the record, and only if it has
// changed.
Status EntryLoader::RefreshRecord(const SessionKey& session, BookEntry& entry) const {
  if (entry.loaded) {
    ASSIGN_OR_RETURN(const bool newest, IsNewest(session, entry));
    if (newest) return Ok();
  }
  ASSIGN_OR_RETURN(StoredRecord stored,
                   ReadRecordFile(store_, session, entry.metadata->incarnation));
  if (!stored.record) return LoadRecord(session, entry);
  for (const auto& [page, outcome] : FinishedPages(*stored.record)) entry.known[page] = outcome;
  entry.listed = false;
  Take(entry, std::move(stored));
  return Ok();
}

// A worker processes its pages in order: after the first without a result there are no others yet.
Status EntryLoader::Probe(const SessionKey& session, BookEntry& entry) const {
  const Time now = clock_.Now();
  std::set<std::string> waiting;  // owners whose next page is not done yet
  std::vector<int> leased;
  for (const auto& [page, slot] : entry.record.pages) {
    if (slot.status == PageStatus::kProcessing && slot.lease_expires_at > now) {
      leased.push_back(page);
    }
  }
  for (const int page : leased) {
    const std::string owner = entry.record.pages.at(page).owner;
    if (waiting.contains(owner)) continue;
    const auto result = ReadPageResult(store_, session, *entry.metadata, page);
    if (result.ok() && result->edition >= entry.record.pages.at(page).edition) {
      Learn(entry, OutcomeOf(*result, entry.metadata->document_pages));
    } else if (result.ok() || result.code() == ErrorCode::kNotFound ||
               result.code() == ErrorCode::kDamaged) {
      waiting.insert(owner);
    } else {
      return result.error();
    }
  }
  return Ok();
}

// The record, rebuilt if it is lost or damaged, with every existing result merged into it.
Status EntryLoader::LoadRecord(const SessionKey& session, BookEntry& entry) const {
  const Metadata& metadata = *entry.metadata;
  ASSIGN_OR_RETURN(StoredRecord stored, ReadRecordFile(store_, session, metadata.incarnation));
  ASSIGN_OR_RETURN(entry.known,
                   CollectOutcomes(store_, session, metadata,
                                   stored.record ? &*stored.record : nullptr, entry.known));
  entry.listed = true;
  if (stored.record) {
    Take(entry, std::move(stored));
    return Ok();
  }
  const int64_t shown_revision = entry.record.session_id.empty() ? 0 : entry.record.revision;
  entry.generation = stored.generation;
  RETURN_IF_ERROR(Rebuild(session, entry));
  NoteRefresh(entry, shown_revision);
  return Ok();
}

// The record as stored, with the known results merged into it.
void EntryLoader::Take(BookEntry& entry, StoredRecord stored) const {
  const int64_t shown_revision = entry.record.session_id.empty() ? 0 : entry.record.revision;
  entry.generation = stored.generation;
  entry.record = *std::move(stored.record);
  entry.written_revision = entry.record.revision;
  if (entry.listed) DropUnproven(entry.record, entry.known);
  MergeOutcomes(entry.record, entry.known);
  NoteRefresh(entry, shown_revision);
}

// Progress that listeners were shown must not appear to go backwards.
void EntryLoader::NoteRefresh(BookEntry& entry, int64_t shown_revision) const {
  entry.record.revision = std::max(entry.record.revision, shown_revision);
  entry.loaded = true;
  entry.asked = true;
  entry.refreshed_at = clock_.Now();
}

Status EntryLoader::Rebuild(const SessionKey& session, BookEntry& entry) const {
  // A session that is being deleted has no record either. And the cached entry may belong to an
  // earlier session with the same id.
  ASSIGN_OR_RETURN(const Metadata there, ReadMetadataFile(store_, session));
  if (there.incarnation != entry.metadata->incarnation) {
    return Error{ErrorCode::kNotFound, "the job was deleted and another one has its id", ""};
  }
  Log(LogLevel::kWarning,
      "processing.json is lost or damaged and is being rebuilt from the results",
      {{"session", session.session_id}});
  ASSIGN_OR_RETURN(const std::vector<int> pages,
                   SelectPages(entry.metadata->options.pages, entry.metadata->document_pages));
  entry.record = RebuildRecord(*entry.metadata, pages, options_.batch_size, entry.known,
                               ReadLastPublished(store_, session));
  entry.written_revision = -1;
  return Ok();
}

}  // namespace gnosis
