#include "task/session_book.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <set>
#include <utility>

#include "base/id.h"
#include "base/log.h"
#include "task/book_entry.h"
#include "task/session_files.h"

namespace gnosis {
namespace {

constexpr int kMaxWriteTries = 8;
constexpr size_t kMaxCachedMetadata = 20'000;

// The callbacks for changes, by session.
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
  std::vector<SessionKey> Sessions() {
    std::lock_guard lock(mutex_);
    std::vector<SessionKey> sessions;
    for (const auto& [session, callbacks] : callbacks_) sessions.push_back(session);
    return sessions;
  }
  // Under the lock, so that a callback is never called after Remove has returned.
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

class Book final : public SessionBook {
 public:
  Book(ObjectStore& store, Clock& clock, BookOptions options)
      : store_(store), clock_(clock), options_(options), loader_(store, clock, options) {}

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
    RETURN_IF_ERROR(WithEntry(session, Wanted::kFresh, [&](BookEntry& entry) {
      status = DeriveStatus(*entry.metadata, entry.record, clock_.Now());
      return Ok();
    }));
    return *std::move(status);
  }

  Status Look(const SessionKey& session,
              const std::function<void(const Processing&)>& look) override {
    return WithEntry(session, Wanted::kFresh, [&](BookEntry& entry) {
      look(entry.record);
      return Ok();
    });
  }

  Status LookAtNewest(const SessionKey& session,
                      const std::function<void(const Processing&)>& look) override {
    return WithEntry(session, Wanted::kNewest, [&](BookEntry& entry) {
      look(entry.record);
      return Ok();
    });
  }

  Status Update(const SessionKey& session, const Change& change) override {
    RETURN_IF_ERROR(WithEntry(session, Wanted::kWithResults, [&](BookEntry& entry) {
      return UpdateEntry(session, entry, change);
    }));
    watchers_->Wake(session);
    return Ok();
  }

  void NoteOutcome(const SessionKey& session, const PageOutcome& outcome) override {
    (void)WithEntry(session, Wanted::kAny, [&](BookEntry& entry) {
      Learn(entry, outcome);
      return Ok();
    });
    watchers_->Wake(session);
  }

  void PublishIfDue(const SessionKey& session) override {
    (void)WithEntry(session, Wanted::kAny, [&](BookEntry& entry) -> Status {
      if (entry.record.revision == entry.written_revision ||
          clock_.Now() - entry.written_at < options_.publish_interval) {
        return Ok();
      }
      // A lost write loses nothing: the next claim merges the same outcomes.
      const Status written = WriteRecord(session, entry);
      entry.loaded = written.ok();
      return written.ok() ? WriteStatus(session, entry) : written;
    });
  }

  Status Refresh(const SessionKey& session) override {
    if (const auto entry = FindLoaded(session)) {
      std::lock_guard lock(entry->mutex);
      entry->loaded = false;
    }
    RETURN_IF_ERROR(WithEntry(session, Wanted::kWithResults, [](BookEntry&) { return Ok(); }));
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

  std::vector<SessionKey> Watched() override { return watchers_->Sessions(); }

  void Poll(const SessionKey& session) override {
    bool changed = false;
    const Status looked = WithEntry(session, Wanted::kFresh, [&](BookEntry& entry) {
      changed =
          std::exchange(entry.polled_revision, entry.record.revision) != entry.record.revision;
      return Ok();
    });
    const bool gone = !looked.ok() &&
                      (looked.code() == ErrorCode::kNotFound || looked.code() == ErrorCode::kGone);
    if (changed || gone) watchers_->Wake(session);
  }

 private:
  struct Slot {
    std::shared_ptr<BookEntry> entry;
    uint64_t used = 0;
  };

  std::shared_ptr<BookEntry> FindLoaded(const SessionKey& session) {
    std::lock_guard lock(mutex_);
    const auto found = entries_.find(session);
    return found == entries_.end() ? nullptr : found->second.entry;
  }

  std::shared_ptr<BookEntry> FindOrAdd(const SessionKey& session) {
    std::lock_guard lock(mutex_);
    Slot& slot = entries_[session];
    slot.used = ++use_counter_;
    if (slot.entry) return slot.entry;
    slot.entry = std::make_shared<BookEntry>();
    const std::shared_ptr<BookEntry> entry = slot.entry;
    if (entries_.size() > options_.max_entries) EvictOldest();
    return entry;
  }

  // Entries are a cache: dropping one that is not in use costs a read later.
  void EvictOldest() {
    auto oldest = entries_.end();
    for (auto it = entries_.begin(); it != entries_.end(); ++it) {
      if (it->second.entry.use_count() > 1) continue;
      if (oldest == entries_.end() || it->second.used < oldest->second.used) oldest = it;
    }
    if (oldest != entries_.end()) entries_.erase(oldest);
  }

  // Calls `work` with the loaded entry under its lock.
  Status WithEntry(const SessionKey& session, Wanted wanted,
                   const std::function<Status(BookEntry&)>& work) {
    // First the metadata, so that requests for sessions that never existed do not fill the cache.
    ASSIGN_OR_RETURN(const std::shared_ptr<const Metadata> metadata, ReadMetadata(session));
    const std::shared_ptr<BookEntry> entry = FindOrAdd(session);
    std::lock_guard lock(entry->mutex);
    entry->metadata = metadata;
    entry->asked = false;
    RETURN_IF_ERROR(MakeTrue(session, *entry, wanted));
    // Another process may have requested its pages again.
    if (IsOver(*entry)) RETURN_IF_ERROR(MakeTrue(session, *entry, Wanted::kNewest));
    if (IsOver(*entry)) {
      return Error{ErrorCode::kGone, "the job has expired and its files have been deleted", ""};
    }
    return work(*entry);
  }

  Status MakeTrue(const SessionKey& session, BookEntry& entry, Wanted wanted) {
    const Status made_true = loader_.MakeTrue(session, entry, wanted);
    if (!made_true.ok() && made_true.code() == ErrorCode::kNotFound) ForgetFiles(session);
    return made_true;
  }

  bool IsOver(const BookEntry& entry) {
    const auto expiry = ExpiryOf(*entry.metadata, entry.record);
    return expiry && *expiry <= clock_.Now() && IsFinal(entry.record.state);
  }

  // Another process deleted it.
  void ForgetFiles(const SessionKey& session) {
    std::lock_guard lock(mutex_);
    entries_.erase(session);
    metadata_.erase(session);
  }

  Status UpdateEntry(const SessionKey& session, BookEntry& entry, const Change& change) {
    for (int attempt = 0; attempt < kMaxWriteTries; ++attempt) {
      if (change(entry.record, entry.known)) {
        const Status written = WriteRecord(session, entry);
        if (written.ok()) return PublishStatusIfChanged(session, entry);
        // Whatever failed, the entry no longer matches the store.
        entry.loaded = false;
        if (written.code() != ErrorCode::kPreconditionFailed) return written.error();
      } else {
        // Without a write nothing is compared: the cached record may be out of date.
        ASSIGN_OR_RETURN(const bool newest, loader_.IsNewest(session, entry));
        if (newest) return Ok();
        entry.loaded = false;
      }
      RETURN_IF_ERROR(loader_.LoadRecord(session, entry));
    }
    return Error{ErrorCode::kUnavailable, "other processes keep changing processing.json", ""};
  }

  Status WriteRecord(const SessionKey& session, BookEntry& entry) {
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

  // A failure, even a full disk, may have come after the write took effect: the write id shows
  // whether it did.
  Status ResolveAmbiguousWrite(const SessionKey& session, BookEntry& entry, const Error& error) {
    const auto there = ReadRecordFile(store_, session, entry.record.incarnation);
    if (!there.ok() || !there->record || there->record->write_id != entry.record.write_id) {
      return error;
    }
    entry.generation = there->generation;
    return Ok();
  }

  // status.json is for people and for a rebuild: at most once per interval, and at every change of
  // state. Failing to write it is harmless.
  Status PublishStatusIfChanged(const SessionKey& session, BookEntry& entry) {
    if (entry.record.state != entry.status_state || entry.status_generation == kAbsent ||
        clock_.Now() - entry.status_written_at >= options_.publish_interval) {
      (void)WriteStatus(session, entry);
    }
    return Ok();
  }

  Status WriteStatus(const SessionKey& session, BookEntry& entry) {
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

  // A stale writer must not move status.json backwards. Reads the current generation.
  bool SomebodyPublishedMore(const SessionKey& session, BookEntry& entry) {
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
  const EntryLoader loader_;
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
