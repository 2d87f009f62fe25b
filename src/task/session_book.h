// What this process knows about sessions: a cache over the store, and the only place that writes
// processing.json and status.json.
//
// An entry holds the record as last read or written, with every page outcome learnt since already
// merged into it; the stored file may lag behind by what PublishIfDue holds back (one write a
// second per session). Losing the entry loses nothing: outcomes are read back from the result
// files.
//
// All calls may come from any thread. Errors: those of the store; kNotFound when there is no such
// session.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "session/keys.h"
#include "session/metadata.h"
#include "session/object_store.h"
#include "session/processing.h"
#include "session/rules.h"
#include "session/status.h"

namespace gnosis {

// While it exists, changes of the session call back. From any thread; must not block.
class SessionWatch {
 public:
  virtual ~SessionWatch() = default;
};

struct BookOptions {
  int batch_size = 10;
  Milliseconds publish_interval{1000};
  // Other processes write as well (a bucket): an entry older than this is refreshed before it is
  // used. Nothing: this process is the only writer.
  std::optional<Milliseconds> max_age;
  // kProbed: each refresh looks for results of the leased pages, because the worker that processes
  // them does not write each one into processing.json. Needs max_age.
  enum class Progress { kAsPublished, kProbed } progress = Progress::kAsPublished;
  size_t max_entries = 256;
};

class SessionBook {
 public:
  virtual ~SessionBook() = default;

  // Immutable, hence shared. Says nothing about expiry.
  virtual Result<std::shared_ptr<const Metadata>> ReadMetadata(const SessionKey& session) = 0;
  // This and the calls below return kGone for an expired final session (ExpiryOf); that is checked
  // as of now, not as of max_age ago.
  virtual Result<JobStatus> ReadStatus(const SessionKey& session) = 0;
  // Calls `look` with the record under the entry's lock: copy out what you need and return soon.
  virtual Status Look(const SessionKey& session,
                      const std::function<void(const Processing&)>& look) = 0;
  // As Look, but at what the store holds now, whatever max_age is: for callers that remove
  // something because of what they see.
  virtual Status LookAtNewest(const SessionKey& session,
                              const std::function<void(const Processing&)>& look) = 0;

  // Applies `change` to the newest record and writes it under compare-and-set; a lost race is
  // repeated with what the winner left, an ambiguous write is resolved by its write id. `change`
  // may be called several times; it returns whether the record is to be written, and it has seen
  // the newest record even when it returns false. `known` are the page results that exist as far as
  // this process knows.
  using Change = std::function<bool(Processing& record, const Outcomes& known)>;
  virtual Status Update(const SessionKey& session, const Change& change) = 0;

  // A result exists now: merged at once and listeners are woken; written by the next Update or
  // PublishIfDue.
  virtual void NoteOutcome(const SessionKey& session, const PageOutcome& outcome) = 0;
  // Writes processing.json and status.json if something changed and the last write is long enough
  // ago. Failing is harmless.
  virtual void PublishIfDue(const SessionKey& session) = 0;
  // Reads the record and results from the store again. After this the known results are complete,
  // even if another process made some. A record that says "finished" without a result is corrected.
  virtual Status Refresh(const SessionKey& session) = 0;
  // The session was deleted, or a fresh look is wanted.
  virtual void Forget(const SessionKey& session) = 0;

  virtual std::unique_ptr<SessionWatch> Watch(const SessionKey& session,
                                              std::function<void()> wake) = 0;
  // Sessions that are being watched, each once.
  virtual std::vector<SessionKey> Watched() = 0;
  // Refreshes the session if it is due, and calls its watchers back if it changed since they were
  // last called from here: there is no other notification of other processes' changes.
  virtual void Poll(const SessionKey& session) = 0;
};

std::unique_ptr<SessionBook> NewSessionBook(ObjectStore& store, Clock& clock, BookOptions options);

}  // namespace gnosis
