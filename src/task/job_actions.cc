#include "task/job_actions.h"

#include <algorithm>
#include <utility>

#include "output/output_writer.h"
#include "task/combine.h"
#include "task/deletion.h"
#include "task/markers.h"
#include "task/session_files.h"

namespace gnosis {
namespace {

struct FirstTasks {
  int epoch = 0;
  int open_pages = 0;
  std::string incarnation;
};

Status EnqueueChains(const ActionContext& context, const SessionKey& session,
                     const std::string& user_email, const FirstTasks& first) {
  const int chains = std::clamp(first.open_pages, 1, context.chains);
  for (int chain = 0; chain < chains; ++chain) {
    const Status enqueued = context.queue.Enqueue(
        Task{session, user_email, first.epoch, chain, 0, first.incarnation}, std::nullopt);
    if (!enqueued.ok()) {
      return Error{ErrorCode::kUnavailable,
                   "the work could not be queued: " + enqueued.error().message,
                   "repeat the request in a moment"};
    }
  }
  return Ok();
}

int OpenPages(const Processing& record) {
  return int(std::count_if(record.pages.begin(), record.pages.end(), [](const auto& page) {
    return page.second.status == PageStatus::kPending ||
           page.second.status == PageStatus::kProcessing;
  }));
}

// The marker first: after a crash, recovery then finds everything, in particular a password.
Status KeepForRedo(const ActionContext& context, const SessionKey& session,
                   const std::string& user_email, const RedoRequest& request) {
  RETURN_IF_ERROR(WriteMarker(context.store, session, user_email, context.clock.Now()));
  if (request.password.empty()) return Ok();
  return WritePassword(context.store, session, request.password);
}

Status Redo(const ActionContext& context, const SessionKey& session, const std::string& user_email,
            const RedoRequest& request) {
  RETURN_IF_ERROR(KeepForRedo(context, session, user_email, request));
  Status redone;
  const Status updated = context.book.Update(session, [&](Processing& record, const Outcomes&) {
    redone = RedoPages(record, request.pages, request.options, context.clock.Now());
    return redone.ok();
  });
  if (!updated.ok() || !redone.ok()) {
    const Status cleaned = CleanUpFinished(context.store, context.book, session);
    if (!updated.ok()) return updated;
    return redone.ok() ? cleaned : redone;
  }
  // Again, after the record: a concurrent cleanup of the finished session may have removed the
  // first ones (markers.h).
  const Status kept = KeepForRedo(context, session, user_email, request);
  // The record says that work is left: if its tasks were not enqueued, no worker would do it until
  // the next start, and until then a second redo would be refused.
  const Status started = StartSession(context, session, user_email);
  return kept.ok() ? started : kept;
}

}  // namespace

Status StartSession(const ActionContext& context, const SessionKey& session,
                    const std::string& user_email) {
  FirstTasks first;
  RETURN_IF_ERROR(context.book.Look(session, [&](const Processing& record) {
    first = {record.epoch, OpenPages(record), record.incarnation};
  }));
  return EnqueueChains(context, session, user_email, first);
}

Status CompleteAdmission(const ActionContext& context, const SessionKey& session,
                         const std::string& user_email) {
  SessionState state = SessionState::kQueued;
  RETURN_IF_ERROR(
      context.book.LookAtNewest(session, [&](const Processing& record) { state = record.state; }));
  if (state != SessionState::kQueued) return Ok();
  ASSIGN_OR_RETURN(const bool marked_anew,
                   EnsureMarker(context.store, session, user_email, context.clock.Now()));
  if (marked_anew) RETURN_IF_ERROR(KeepNothingOfTheGone(context.store, session));
  return StartSession(context, session, user_email);
}

Status CancelSession(const ActionContext& context, const SessionKey& session) {
  bool cancelled = false;
  RETURN_IF_ERROR(context.book.Update(session, [&](Processing& record, const Outcomes&) {
    cancelled = CancelRecord(record, context.clock.Now());
    return cancelled;
  }));
  if (!cancelled) {
    // An earlier call may have failed between writing the record and this step.
    RETURN_IF_ERROR(CleanUpFinished(context.store, context.book, session));
    return Error{ErrorCode::kConflict, "the job is already finished", "delete it, or retry pages"};
  }
  RETURN_IF_ERROR(CleanUpFinished(context.store, context.book, session));
  return KeepNothingOfTheGone(context.store, session);
}

Status RedoSession(const ActionContext& context, const SessionKey& session,
                   const std::string& user_email, const RedoRequest& request) {
  const Status redone = Redo(context, session, user_email, request);
  // A deletion that ran meanwhile has removed the files it saw, but not those written after it.
  RETURN_IF_ERROR(KeepNothingOfTheGone(context.store, session));
  return redone;
}

Result<std::string> EnsureResult(const ActionContext& context, const SessionKey& session,
                                 const std::string& format_name) {
  const OutputFormat* format = FindOutputFormat(format_name);
  if (format == nullptr) {
    return Error{ErrorCode::kUnsupportedFormat, "unknown output format " + format_name, ""};
  }
  bool final = false;
  std::vector<int> pages;
  RETURN_IF_ERROR(context.book.Look(session, [&](const Processing& record) {
    final = IsFinal(record.state) && AllFinished(record);
    for (const auto& [page, entry] : record.pages) pages.push_back(page);
  }));
  if (!final) return Error{ErrorCode::kConflict, "not all pages are done", ""};
  const std::string key = ResultKey(session, format->file_ending);
  if (context.store.Stat(key).ok()) return key;
  ASSIGN_OR_RETURN(const auto metadata, context.book.ReadMetadata(session));
  RETURN_IF_ERROR(CombineResults(context.store, session, *metadata, pages, {format_name},
                                 context.program_version));
  RETURN_IF_ERROR(KeepNothingOfTheGone(context.store, session));
  return key;
}

}  // namespace gnosis
