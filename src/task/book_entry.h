// What a session book knows about one session, and how it is brought up to date: read from the
// store, rebuilt when it is lost, refreshed when other processes also write.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>

#include "base/clock.h"
#include "base/result.h"
#include "session/keys.h"
#include "session/metadata.h"
#include "session/object_store.h"
#include "session/processing.h"
#include "session/rules.h"
#include "task/session_book.h"
#include "task/session_files.h"

namespace gnosis {

// Everything known about one session. The mutex also serialises this process's writes of it.
struct BookEntry {
  std::mutex mutex;
  bool loaded = false;
  bool listed = false;  // `known` comes from a listing, not only from the record
  std::shared_ptr<const Metadata> metadata;
  Processing record;                // as stored, with `known` merged into it
  Outcomes known;                   // results that exist
  int64_t polled_revision = -1;     // for which watchers were last woken
  Generation generation = kAbsent;  // of processing.json as last read or written
  int64_t written_revision = 0;     // of processing.json
  Time written_at{};
  Time refreshed_at{};
  bool asked = false;  // the store was read since this call began: `record` is the newest
  Generation status_generation = kAbsent;  // of status.json
  Time status_written_at{};
  SessionState status_state = SessionState::kQueued;
};

// How up to date an entry has to be.
enum class Wanted {
  kAny,          // as it was last seen
  kFresh,        // the record, not older than max_age
  kNewest,       // the record as of the start of the call or later
  kWithResults,  // and every result that a listing shows
};

class EntryLoader {
 public:
  EntryLoader(ObjectStore& store, Clock& clock, const BookOptions& options)
      : store_(store), clock_(clock), options_(options) {}

  // All require that the entry's mutex is held and its metadata is set. Errors: the store's;
  // kNotFound when the session was deleted.
  Status MakeTrue(const SessionKey& session, BookEntry& entry, Wanted wanted) const;
  // The record, rebuilt if it is lost or damaged, with every existing result merged into it.
  Status LoadRecord(const SessionKey& session, BookEntry& entry) const;
  // False: another process has written the record since it was read.
  Result<bool> IsNewest(const SessionKey& session, BookEntry& entry) const;

 private:
  Status RefreshRecord(const SessionKey& session, BookEntry& entry) const;
  Status Probe(const SessionKey& session, BookEntry& entry) const;
  Status Rebuild(const SessionKey& session, BookEntry& entry) const;
  void Take(BookEntry& entry, StoredRecord stored) const;
  void NoteRefresh(BookEntry& entry, int64_t shown_revision) const;

  ObjectStore& store_;
  Clock& clock_;
  const BookOptions options_;
};

// A result exists.
void Learn(BookEntry& entry, const PageOutcome& outcome);

}  // namespace gnosis
