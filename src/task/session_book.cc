#include "task/session_book.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <set>
#include <utility>

#include "base/id.h"
#include "base/log.h"
#include "task/session_files.h"

namespace gnosis {
namespace {

constexpr int kMaxWriteTries = 8;
constexpr size_t kMaxCachedMetadata = 20'000;

// Who wants to know of changes, by session.
class Watchers {
 public:
  using Callback = std::function<void()>;

  void Add(const SessionKey& session, Callback* callback) {
    std::lock_guard lock(mutex_);
    callbacks_[session].insert(callback);
  }
  void Remove(const SessionKey& session, Callback* callback) {
    std::lock_guard lock(mutex_);
    const auto found = callbacks_.find(session);
    if (found == callbacks_.end()) return;
    found->second.erase(callback);
    if (found->second.empty()) callbacks_.erase(found);
  }
  // Under the lock, so that a callback is never called after Remove returned.
  void Wake(const SessionKey& session) {
    std::lock_guard lock(mutex_);
    const auto found = callbacks_.find(session);
    if (found == callbacks_.end()) return;
    for (Callback* callback : found->second) (*callback)();
  }

 private:
  std::mutex mutex_;
  std::map<SessionKey, std::set<Callback*>> callbacks_;
};

class Watch final : public SessionWatch {
 public:
  Watch(std::shared_ptr<Watchers> watchers, SessionKey session, Watchers::Callback callback)
      : watchers_(std::move(watchers)),
        session_(std::move(session)),
        callback_(std::move(callback)) {
    watchers_->Add(session_, &callback_);
  }
  ~Watch() override { watchers_->Remove(session_, &callback_); }

 private:
  std::shared_ptr<Watchers> watchers_;  // shared: a watch may outlive the book
  SessionKey session_;
  Watchers::Callback callback_;
};

// Everything known about one session. The mutex also puts this process's writes of it in a row.
struct Entry {
  std::mutex mutex;
  bool loaded = false;
  std::shared_ptr<const Metadata> metadata;
  Processing record;                // as stored, with `known` merged into it
  Outcomes known;                   // results that exist
  Generation generation = kAbsent;  // of processing.json as last read or written
  int64_t written_revision = 0;     // of processing.json
  Time written_at{};
  Time refreshed_at{};
  Generation status_generation = kAbsent;  // of status.json
  Time status_written_at{};
  SessionState status_state = SessionState::kQueued;
};

// "finished" in the record without a result in the store is not believed while there are workers to
// put it right; what somebody took out of a final session is `verify`'s to find.
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

class Book final : public SessionBook {
 public:
  Book(ObjectStore& store, Clock& clock, BookOptions options)
      : store_(store), clock_(clock), options_(options) {}

  Result<std::shared_ptr<const Metadata>> ReadMetadata(const SessionKey& session) override {
    {
      std::lock_guard lock(mutex_);
      if (const auto found = metadata_.find(session); found != metadata_.end()) {
        return found->second;
      }
    }
    ASSIGN_OR_RETURN(Metadata metadata, ReadMetadataFile(store_, session));
    auto shared = std::make_shared<const Metadata>(std::move(metadata));
    std::lock_guard lock(mutex_);
    if (metadata_.size() >= kMaxCachedMetadata) metadata_.erase(metadata_.begin());
    metadata_[session] = shared;
    return shared;
  }

  Result<JobStatus> ReadStatus(const SessionKey& session) override {
    std::optional<JobStatus> status;
    RETURN_IF_ERROR(WithEntry(session, [&](Entry& entry) {
      status = DeriveStatus(*entry.metadata, entry.record, clock_.Now());
      return Ok();
    }));
    return *std::move(status);
  }

  Status Look(const SessionKey& session,
              const std::function<void(const Processing&)>& look) override {
    return WithEntry(session, [&](Entry& entry) {
      look(entry.record);
      return Ok();
    });
  }

  Status Update(const SessionKey& session, const Change& change) override {
    RETURN_IF_ERROR(
        WithEntry(session, [&](Entry& entry) { return UpdateEntry(session, entry, change); }));
    watchers_->Wake(session);
    return Ok();
  }

  void NoteOutcome(const SessionKey& session, const PageOutcome& outcome) override {
    (void)WithEntry(session, [&](Entry& entry) {
      PageOutcome& known = entry.known[outcome.page];
      if (known.page == 0 || known.edition <= outcome.edition) known = outcome;
      MergeOutcome(entry.record, outcome);
      return Ok();
    });
    watchers_->Wake(session);
  }

  void PublishIfDue(const SessionKey& session) override {
    (void)WithEntry(session, [&](Entry& entry) -> Status {
      if (entry.record.revision == entry.written_revision ||
          clock_.Now() - entry.written_at < options_.publish_interval) {
        return Ok();
      }
      // A lost write loses nothing: the next claim merges the same outcomes.
      RETURN_IF_ERROR(WriteRecord(session, entry));
      return WriteStatus(session, entry);
    });
  }

  Status Refresh(const SessionKey& session) override {
    if (const auto entry = FindLoaded(session)) {
      std::lock_guard lock(entry->mutex);
      entry->loaded = false;
    }
    RETURN_IF_ERROR(WithEntry(session, [](Entry&) { return Ok(); }));
    watchers_->Wake(session);
    return Ok();
  }

  void Forget(const SessionKey& session) override {
    {
      std::lock_guard lock(mutex_);
      entries_.erase(session);
      metadata_.erase(session);
    }
    watchers_->Wake(session);
  }

  std::unique_ptr<SessionWatch> Watch(const SessionKey& session,
                                      std::function<void()> wake) override {
    return std::make_unique<gnosis::Watch>(watchers_, session, std::move(wake));
  }

 private:
  struct Slot {
    std::shared_ptr<Entry> entry;
    uint64_t used = 0;
  };

  std::shared_ptr<Entry> FindLoaded(const SessionKey& session) {
    std::lock_guard lock(mutex_);
    const auto found = entries_.find(session);
    return found == entries_.end() ? nullptr : found->second.entry;
  }

  std::shared_ptr<Entry> FindOrAdd(const SessionKey& session) {
    std::lock_guard lock(mutex_);
    Slot& slot = entries_[session];
    slot.used = ++use_counter_;
    if (slot.entry) return slot.entry;
    slot.entry = std::make_shared<Entry>();
    const std::shared_ptr<Entry> entry = slot.entry;
    if (entries_.size() > options_.max_entries) EvictOldest();
    return entry;
  }

  // Entries are a cache: dropping one that nobody holds costs a read later.
  void EvictOldest() {
    auto oldest = entries_.end();
    for (auto it = entries_.begin(); it != entries_.end(); ++it) {
      if (it->second.entry.use_count() > 1) continue;
      if (oldest == entries_.end() || it->second.used < oldest->second.used) oldest = it;
    }
    if (oldest != entries_.end()) entries_.erase(oldest);
  }

  // Calls `work` with the loaded entry under its lock.
  Status WithEntry(const SessionKey& session, const std::function<Status(Entry&)>& work) {
    // First the metadata, so that asking for sessions that never were fills no cache.
    ASSIGN_OR_RETURN(const std::shared_ptr<const Metadata> metadata, ReadMetadata(session));
    const std::shared_ptr<Entry> entry = FindOrAdd(session);
    std::lock_guard lock(entry->mutex);
    entry->metadata = metadata;
    const bool fresh = entry->loaded && (!options_.max_age ||
                                         clock_.Now() - entry->refreshed_at < *options_.max_age);
    if (!fresh) RETURN_IF_ERROR(LoadRecord(session, *entry));
    if (metadata->expires_at && *metadata->expires_at <= clock_.Now() &&
        IsFinal(entry->record.state)) {
      return Error{ErrorCode::kGone, "the job has expired and its files are deleted", ""};
    }
    return work(*entry);
  }

  // The record, rebuilt if it is lost or torn, with every result that exists merged into it.
  Status LoadRecord(const SessionKey& session, Entry& entry) {
    ASSIGN_OR_RETURN(StoredRecord stored, ReadRecordFile(store_, session));
    const Metadata& metadata = *entry.metadata;
    ASSIGN_OR_RETURN(entry.known,
                     CollectOutcomes(store_, session, metadata.document_pages,
                                     stored.record ? &*stored.record : nullptr, entry.known));
    const int64_t shown_revision = entry.record.session_id.empty() ? 0 : entry.record.revision;
    entry.generation = stored.generation;
    if (stored.record) {
      entry.record = *std::move(stored.record);
      entry.written_revision = entry.record.revision;
      DropUnproven(entry.record, entry.known);
      MergeOutcomes(entry.record, entry.known);
    } else {
      RETURN_IF_ERROR(Rebuild(session, entry));
    }
    // What listeners were shown must not seem to go back.
    entry.record.revision = std::max(entry.record.revision, shown_revision);
    entry.loaded = true;
    entry.refreshed_at = clock_.Now();
    return Ok();
  }

  Status Rebuild(const SessionKey& session, Entry& entry) {
    // Of a session that is being deleted the record is missing, too (RemoveSessionFiles).
    const auto still_there = store_.Stat(MetadataKey(session));
    if (!still_there.ok()) return still_there.error();
    Log(LogLevel::kWarning, "processing.json is lost or damaged and is rebuilt from the results",
        {{"session", session.session_id}});
    ASSIGN_OR_RETURN(const std::vector<int> pages,
                     SelectPages(entry.metadata->options.pages, entry.metadata->document_pages));
    entry.record = RebuildRecord(*entry.metadata, pages, options_.batch_size, entry.known,
                                 ReadLastPublished(store_, session), clock_.Now());
    entry.written_revision = -1;
    return Ok();
  }

  Status UpdateEntry(const SessionKey& session, Entry& entry, const Change& change) {
    for (int attempt = 0; attempt < kMaxWriteTries; ++attempt) {
      if (!change(entry.record, entry.known)) return Ok();
      const Status written = WriteRecord(session, entry);
      if (written.ok()) return PublishStatusIfChanged(session, entry);
      // Whatever failed, the entry is not what the store has any more.
      entry.loaded = false;
      if (written.code() != ErrorCode::kPreconditionFailed) return written.error();
      RETURN_IF_ERROR(LoadRecord(session, entry));
    }
    return Error{ErrorCode::kUnavailable, "others keep changing processing.json", ""};
  }

  Status WriteRecord(const SessionKey& session, Entry& entry) {
    entry.record.write_id = RandomHex(16);
    entry.record.updated_at = clock_.Now();
    const auto written =
        store_.Write(ProcessingKey(session), EncodeProcessing(entry.record), entry.generation);
    if (written.ok()) {
      entry.generation = *written;
    } else {
      RETURN_IF_ERROR(ResolveAmbiguousWrite(session, entry, written.error()));
    }
    entry.written_revision = entry.record.revision;
    entry.written_at = entry.record.updated_at;
    return Ok();
  }

  // A failure may have come after the write landed: the write id tells.
  Status ResolveAmbiguousWrite(const SessionKey& session, Entry& entry, const Error& error) {
    if (error.code != ErrorCode::kPreconditionFailed && error.code != ErrorCode::kUnavailable &&
        error.code != ErrorCode::kIo) {
      return error;
    }
    const auto there = ReadRecordFile(store_, session);
    if (!there.ok() || !there->record || there->record->write_id != entry.record.write_id) {
      return error;
    }
    entry.generation = there->generation;
    return Ok();
  }

  // status.json is for people and for a rebuild: at most once per interval, and at every change of
  // state. Failing to write it is harmless.
  Status PublishStatusIfChanged(const SessionKey& session, Entry& entry) {
    if (entry.record.state != entry.status_state || entry.status_generation == kAbsent ||
        clock_.Now() - entry.status_written_at >= options_.publish_interval) {
      (void)WriteStatus(session, entry);
    }
    return Ok();
  }

  Status WriteStatus(const SessionKey& session, Entry& entry) {
    const Time now = clock_.Now();
    const std::string bytes =
        DumpJson(StatusJson(DeriveStatus(*entry.metadata, entry.record, now)), 2) + "\n";
    auto written = store_.Write(StatusKey(session), bytes, entry.status_generation);
    if (!written.ok() && written.code() == ErrorCode::kPreconditionFailed) {
      if (SomebodyPublishedMore(session, entry)) return Ok();
      written = store_.Write(StatusKey(session), bytes, entry.status_generation);
    }
    if (!written.ok()) return written.error();
    entry.status_generation = *written;
    entry.status_written_at = now;
    entry.status_state = entry.record.state;
    return Ok();
  }

  // A stale writer must not move status.json back. Learns the generation that is there.
  bool SomebodyPublishedMore(const SessionKey& session, Entry& entry) {
    const auto there = store_.Read(StatusKey(session));
    if (!there.ok()) return false;
    entry.status_generation = there->generation;
    const auto last = DecodeLastPublished(there->bytes);
    if (!last.ok()) return false;
    return last->epoch > entry.record.epoch ||
           (last->epoch == entry.record.epoch && last->revision > entry.record.revision);
  }

  ObjectStore& store_;
  Clock& clock_;
  const BookOptions options_;
  const std::shared_ptr<Watchers> watchers_ = std::make_shared<Watchers>();
  std::mutex mutex_;  // of the two maps and the counter
  std::map<SessionKey, Slot> entries_;
  std::map<SessionKey, std::shared_ptr<const Metadata>> metadata_;
  uint64_t use_counter_ = 0;
};

}  // namespace

std::unique_ptr<SessionBook> NewSessionBook(ObjectStore& store, Clock& clock, BookOptions options) {
  return std::make_unique<Book>(store, clock, options);
}

}  // namespace gnosis
