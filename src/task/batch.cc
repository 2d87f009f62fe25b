#include "task/batch.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "base/id.h"
#include "base/log.h"
#include "task/combine.h"
#include "task/deletion.h"
#include "task/markers.h"
#include "task/page_store.h"
#include "task/session_files.h"

namespace gnosis {

Status DocumentReader::Open(ObjectStore& store, const SessionKey& session,
                            const Metadata& metadata) {
  const OpenedSession wanted{session, metadata.incarnation};
  if (open_ == wanted) return Ok();
  open_.reset();
  ASSIGN_OR_RETURN(const FileDescriptor original,
                   store.Open(OriginalKey(session, metadata.extension)));
  ASSIGN_OR_RETURN(const std::string password, ReadPassword(store, session));
  const auto info = reader_.Open(original, password);
  if (!info.ok()) return info.error();
  open_ = wanted;
  return Ok();
}

namespace {

constexpr Seconds kSafetyMargin{60};   // before the dispatch deadline; after it for the lease
constexpr Seconds kLookAgainAfter{5};  // nothing to claim, and no lease with an expiry
// How many owners are tried whose sessions turn out to have nothing to claim (an upload in
// progress, pages leased by others) before a delivery processes its own session.
constexpr int kTurns = 3;

PageRequest RequestFor(int page, const PageOptions& options, const PageOverride& redo) {
  PageRequest request{.page = page, .options = Overridden(options, redo)};
  // A request for another language or a rotation means that the page is to be recognised, not that
  // its embedded text is wanted again.
  if (!redo.empty() && request.options.mode == TextMode::kAuto) {
    request.options.mode = TextMode::kForce;
  }
  return request;
}

Task SuccessorOf(const Task& task) {
  Task next = task;
  ++next.sequence;
  return next;
}

struct BatchWorld {
  ObjectStore& store;
  TaskQueue& queue;
  SessionBook& book;
  Clock& clock;
  const BatchOptions& options;
};

// One delivery being processed. The members are what has happened so far.
class Batch {
 public:
  // `session`: the one whose pages are processed, perhaps not the task's own.
  Batch(const BatchWorld& world, const Task& task, SessionKey session, DocumentReader& reader,
        const std::stop_token& stop)
      : world_(world),
        task_(task),
        session_(std::move(session)),
        is_own_(session_ == task.session),
        reader_(reader),
        stop_(stop),
        owner_(TaskName(task) + "/" + RandomHex(8)),
        started_(world.clock.Now()) {}

  BatchReport Run() {
    auto metadata = world_.book.ReadMetadata(session_);
    if (!metadata.ok()) return NeverBegan(metadata.error());
    metadata_ = *metadata;
    if (is_own_ && !task_.incarnation.empty() && task_.incarnation != metadata_->incarnation) {
      return NeverBegan({ErrorCode::kNotFound, "the session was deleted", ""});
    }
    // Also before a claim, which is a write.
    if (const Status room = world_.options.room(); !room.ok()) return Stopped(room.error());
    while (true) {
      if (stop_.stop_requested()) return Stopped({ErrorCode::kInterrupted, "asked to stop", ""});
      auto claim = ClaimSome();
      if (!claim.ok()) return Stopped(claim.error());
      if (IsFinal(state_)) return Finished();
      had_work_ =
          had_work_ || claim->all_finished || !claim->give_up.empty() || !claim->pages.empty();
      if (claim->all_finished) return Combine();
      if (!claim->give_up.empty()) {
        if (Status given_up = GiveUp(claim->give_up); !given_up.ok()) {
          return Stopped(given_up.error());
        }
        continue;
      }
      if (claim->pages.empty()) {
        return FollowOn(claim->earliest_expiry.value_or(world_.clock.Now() + kLookAgainAfter));
      }
      return Work(claim->pages);
    }
  }

  // After Run: false if there was nothing to do for the session.
  bool had_work() const { return had_work_; }

 private:
  Result<Claim> ClaimSome() {
    Claim claim;
    const ClaimRequest request{
        TaskName(task_),           owner_,
        world_.clock.Now(),        world_.options.dispatch_deadline + kSafetyMargin,
        world_.options.batch_size, world_.options.chains};
    RETURN_IF_ERROR(world_.book.Update(session_, [&](Processing& record, const Outcomes& known) {
      claim = ClaimPages(record, known, request, world_.options.limits);
      state_ = record.state;
      slow_document_ = HasSlowPages(record);
      for (const int page : claim.pages) slots_[page] = record.pages.at(page);
      for (const int page : claim.give_up) slots_[page] = record.pages.at(page);
      return !claim.pages.empty();
    }));
    return claim;
  }

  // Errors that no retry can fix become results.
  Status GiveUp(const std::vector<int>& pages) {
    for (const int page : pages) {
      const PageEntry& entry = slots_.at(page);
      const Error error{
          ErrorCode::kChildDied,
          fmt::format("gave up after {} attempts; last: {}", entry.attempts,
                      entry.error.value_or("the worker disappeared while processing the page")),
          "the page may be damaged or too complex; try it again with a lower dpi"};
      ASSIGN_OR_RETURN(const PageSlot slot,
                       OpenPageSlot(world_.store, session_, metadata_, page, entry.edition));
      RETURN_IF_ERROR(KeepFailure(slot, error));
    }
    return Ok();
  }

  BatchReport Work(const std::vector<int>& pages) {
    std::optional<Error> broken;  // an error of the environment, not of a page
    std::vector<FailedAttempt> failed;
    std::vector<int> not_started;
    bool stop = false;
    for (const int page : pages) {
      // Every batch tries at least one page, so that each delivery makes progress however slow the
      // store has been.
      stop = stop || broken || (page == pages.front() ? MustStop() : ShouldStop());
      if (stop) {
        not_started.push_back(page);
        continue;
      }
      const Status read = ReadOne(page);
      if (read.ok()) continue;
      const bool timed_out = read.code() == ErrorCode::kTimeout;
      if (timed_out || read.code() == ErrorCode::kChildDied) {
        failed.push_back({page, ErrorText(read.error()), timed_out});
      } else {
        not_started.push_back(page);
        broken = read.error();
      }
    }
    const Status settled = Settle(failed, not_started);
    if (broken) return Stopped(*broken);
    if (!settled.ok()) return Stopped(settled.error());
    if (stop_.stop_requested() && !not_started.empty()) {
      return Stopped({ErrorCode::kInterrupted, "asked to stop", ""});
    }
    const auto all_read = PagesIfAllRead();
    if (!all_read.ok()) return Stopped(all_read.error());
    return *all_read ? Combine() : FollowOn(std::nullopt);
  }

  bool ShouldStop() {
    const Time deadline = started_ + world_.options.dispatch_deadline - kSafetyMargin;
    return world_.clock.Now() + world_.options.page_budget > deadline ||
           world_.options.others_wait(session_, started_) || MustStop();
  }
  bool MustStop() {
    if (stop_.stop_requested()) return true;
    bool final = true;  // cancelled, deleted or expired meanwhile
    (void)world_.book.Look(session_,
                           [&](const Processing& record) { final = IsFinal(record.state); });
    return final;
  }

  // A page was given up because it took too long: the others most likely will as well.
  bool HasSlowPages(const Processing& record) const {
    const int limit = world_.options.limits.max_timeouts;
    return std::any_of(record.pages.begin(), record.pages.end(),
                       [&](const auto& page) { return page.second.timeouts >= limit; });
  }

  PageRequest RequestFor(int page) const {
    const PageEntry& entry = slots_.at(page);
    PageRequest request =
        gnosis::RequestFor(page, metadata_->options.reading, entry.override_options);
    if (entry.timeouts > 0 || slow_document_) request.time_limit = world_.options.page_budget / 2;
    if (entry.timeouts > 0) request.effort = Effort::kReduced;
    return request;
  }

  // Ok if the page has a result afterwards, even a failure.
  Status ReadOne(int page) {
    RETURN_IF_ERROR(world_.options.room());
    const PageEntry& entry = slots_.at(page);
    ASSIGN_OR_RETURN(const PageSlot slot,
                     OpenPageSlot(world_.store, session_, metadata_, page, entry.edition));
    const Status opened = reader_.Open(world_.store, session_, *metadata_);
    if (!opened.ok() && opened.code() == ErrorCode::kNotFound && StillThere()) {
      return KeepFailure(
          slot, {ErrorCode::kDamaged, "the uploaded document no longer exists", "upload it again"});
    }
    if (!opened.ok()) return KeepUnlessRetryable(slot, opened.error());
    auto artefacts = reader_.pages().Read(RequestFor(page));
    if (!artefacts.ok()) return KeepUnlessRetryable(slot, artefacts.error());
    return Keep(StorePage(world_.store, session_, slot, *std::move(artefacts), world_.clock.Now()));
  }

  // If the session was deleted while its page was being processed, nothing of it is kept (Gone).
  Status Keep(const Result<StoredPage>& stored) {
    if (!StillThere()) {
      return Error{ErrorCode::kNotFound,
                   "the session was deleted while its page was being processed", ""};
    }
    if (!stored.ok()) return stored.error();
    if (stored->created) ++pages_processed_;
    world_.book.NoteOutcome(session_, stored->outcome);
    world_.book.PublishIfDue(session_);
    return Ok();
  }

  Status KeepUnlessRetryable(const PageSlot& slot, const Error& error) {
    // Errors of the store are not the page's fault either.
    if (IsRetryable(error.code) || error.code == ErrorCode::kDiskFull ||
        error.code == ErrorCode::kNotFound || error.code == ErrorCode::kPermission ||
        error.code == ErrorCode::kUnavailable) {
      return error;
    }
    return KeepFailure(slot, error);
  }

  Status KeepFailure(const PageSlot& slot, const Error& error) {
    Log(LogLevel::kWarning, "a page failed",
        {{"session", session_.session_id},
         {"page", fmt::to_string(slot.page)},
         {"reason", ErrorText(error)}});
    return Keep(StoreFailure(world_.store, session_, slot, error, world_.clock.Now()));
  }

  Status Settle(const std::vector<FailedAttempt>& failed, const std::vector<int>& not_started) {
    if (failed.empty() && not_started.empty()) return Ok();
    return world_.book.Update(session_, [&](Processing& record, const Outcomes&) {
      for (const FailedAttempt& attempt : failed) {
        RecordFailedAttempt(record, attempt, owner_);
      }
      GiveBack(record, not_started, owner_);
      return true;
    });
  }

  // The job's pages; nothing while any of them has no result.
  Result<std::optional<std::vector<int>>> PagesIfAllRead() {
    std::optional<std::vector<int>> pages;
    RETURN_IF_ERROR(world_.book.Look(session_, [&](const Processing& record) {
      if (!AllFinished(record)) return;
      pages.emplace();
      for (const auto& [page, entry] : record.pages) pages->push_back(page);
    }));
    return pages;
  }

  // Every page has a result: a listing of the store decides.
  BatchReport Combine() {
    if (Status refreshed = world_.book.Refresh(session_); !refreshed.ok()) {
      return Stopped(refreshed.error());
    }
    const auto pages = PagesIfAllRead();
    if (!pages.ok()) return Stopped(pages.error());
    if (!*pages) return FollowOn(std::nullopt);
    if (const Status room = world_.options.room(); !room.ok()) return Stopped(room.error());
    const Status combined =
        CombineResults(world_.store, session_, *metadata_, **pages, metadata_->options.formats,
                       world_.options.program_version);
    if (!combined.ok() && combined.code() == ErrorCode::kDamaged) {
      const Status deleted = DeleteTornResults(world_.store, session_, *metadata_, **pages);
      return deleted.ok() ? FollowOn(std::nullopt) : Stopped(deleted.error());
    }
    if (!combined.ok()) return Stopped(combined.error());
    const Status removed = RemoveResultsOfEarlierEditions();
    if (!removed.ok()) return Stopped(removed.error());
    const Status finished = world_.book.Update(session_, [&](Processing& record, const Outcomes&) {
      if (IsFinal(record.state) || !AllFinished(record)) return false;
      record.state = FinalState(record);
      ++record.revision;
      return true;
    });
    return finished.ok() ? Finished() : Stopped(finished.error());
  }

  Status RemoveResultsOfEarlierEditions() {
    bool redone = false;
    RETURN_IF_ERROR(world_.book.Look(session_, [&](const Processing& record) {
      redone = std::any_of(record.pages.begin(), record.pages.end(),
                           [](const auto& page) { return page.second.edition > 0; });
    }));
    if (!redone) return Ok();
    return RemoveOtherResults(world_.store, session_, metadata_->options.formats);
  }

  // Final: files that only unfinished sessions need are removed.
  BatchReport Finished() {
    if (!StillThere()) return Gone();
    reader_.Forget();
    const Status cleaned = CleanUpFinished(world_.store, world_.book, session_);
    return cleaned.ok() ? Report(BatchReport::Verdict::kAcknowledge, std::nullopt)
                        : Stopped(cleaned.error());
  }

  // The successor is created before this task is acknowledged.
  BatchReport FollowOn(std::optional<Time> not_before) {
    // Another session has its own task in the queue.
    if (is_own_) {
      const Status enqueued = world_.queue.Enqueue(SuccessorOf(task_), not_before);
      if (!enqueued.ok()) return Stopped(enqueued.error());
    }
    return Report(BatchReport::Verdict::kAcknowledge, std::nullopt);
  }

  // A deleted session needs no more work; everything else is delivered again.
  BatchReport Stopped(const Error& error) {
    return StillThere() ? Report(BatchReport::Verdict::kRetry, error) : Gone();
  }

  // Nothing was written. Without metadata.json the session was deleted, or is being uploaded.
  BatchReport NeverBegan(const Error& error) {
    reader_.Forget();
    return Report(error.code == ErrorCode::kNotFound ? BatchReport::Verdict::kAcknowledge
                                                     : BatchReport::Verdict::kRetry,
                  error);
  }

  // The session was deleted: its document is closed, and files written after the deletion's last
  // listing are removed.
  BatchReport Gone() {
    reader_.Forget();
    world_.book.Forget(session_);
    (void)KeepNothingOfTheGone(world_.store, session_);
    return Report(BatchReport::Verdict::kAcknowledge, std::nullopt);
  }

  bool StillThere() { return SessionExists(world_.store, session_); }

  BatchReport Report(BatchReport::Verdict verdict, std::optional<Error> error) const {
    return BatchReport{verdict, pages_processed_, std::move(error)};
  }

  const BatchWorld& world_;
  const Task& task_;
  const SessionKey session_;
  const bool is_own_;
  DocumentReader& reader_;
  const std::stop_token& stop_;
  const std::string owner_;
  const Time started_;
  std::shared_ptr<const Metadata> metadata_;
  SessionState state_ = SessionState::kQueued;
  bool slow_document_ = false;
  bool had_work_ = false;
  std::map<int, PageEntry> slots_;  // as they were when they were claimed
  int pages_processed_ = 0;
};

class Processor final : public BatchProcessor {
 public:
  Processor(ObjectStore& store, TaskQueue& queue, SessionBook& book, Clock& clock,
            BatchOptions options)
      : options_(std::move(options)), world_{store, queue, book, clock, options_} {}

  BatchReport Run(const Task& task, DocumentReader& reader, const std::stop_token& stop) override {
    for (int turn = 0; turn < kTurns; ++turn) {
      const SessionKey session = options_.session_for_turn(task);
      if (session == task.session) break;
      Batch batch(world_, task, session, reader, stop);
      const BatchReport report = batch.Run();
      if (batch.had_work()) return KeepTask(task, report);
    }
    return Batch(world_, task, task.session, reader, stop).Run();
  }

 private:
  // After a batch for another session: the task's own session is still waiting.
  BatchReport KeepTask(const Task& task, BatchReport report) {
    if (report.verdict == BatchReport::Verdict::kRetry) return report;
    if (const Status next = world_.queue.Enqueue(SuccessorOf(task), std::nullopt); !next.ok()) {
      report.verdict = BatchReport::Verdict::kRetry;
      report.error = next.error();
    }
    return report;
  }

  const BatchOptions options_;
  const BatchWorld world_;
};

}  // namespace

std::unique_ptr<BatchProcessor> NewBatchProcessor(ObjectStore& store, TaskQueue& queue,
                                                  SessionBook& book, Clock& clock,
                                                  BatchOptions options) {
  return std::make_unique<Processor>(store, queue, book, clock, std::move(options));
}

}  // namespace gnosis
