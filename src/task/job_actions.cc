#include "task/job_actions.h"

#include <algorithm>
#include <utility>

#include "output/output_writer.h"
#include "task/combine.h"
#include "task/markers.h"
#include "task/session_files.h"

namespace gnosis {
namespace {

Status EnqueueChains(const ActionContext& context, const SessionKey& session,
                     const std::string& user_email, int epoch, int open_pages) {
  const int chains = std::clamp(open_pages, 1, context.chains);
  for (int chain = 0; chain < chains; ++chain) {
    const Status enqueued =
        context.queue.Enqueue(Task{session, user_email, epoch, chain, 0}, std::nullopt);
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

}  // namespace

Status StartSession(const ActionContext& context, const SessionKey& session,
                    const std::string& user_email) {
  int epoch = 0;
  int open_pages = 0;
  RETURN_IF_ERROR(context.book.Look(session, [&](const Processing& record) {
    epoch = record.epoch;
    open_pages = OpenPages(record);
  }));
  return EnqueueChains(context, session, user_email, epoch, open_pages);
}

Status CancelSession(const ActionContext& context, const SessionKey& session) {
  bool cancelled = false;
  RETURN_IF_ERROR(context.book.Update(session, [&](Processing& record, const Outcomes&) {
    cancelled = CancelRecord(record, context.clock.Now());
    return cancelled;
  }));
  if (!cancelled) {
    return Error{ErrorCode::kConflict, "the job is finished already", "delete it, or retry pages"};
  }
  return CleanUpFinished(context.store, context.book, session);
}

Status RedoSession(const ActionContext& context, const SessionKey& session,
                   const std::string& user_email, const RedoRequest& request) {
  if (!request.password.empty()) {
    RETURN_IF_ERROR(WritePassword(context.store, session, request.password));
  }
  RETURN_IF_ERROR(WriteMarker(context.store, session, user_email, context.clock.Now()));
  Status redone;
  RETURN_IF_ERROR(context.book.Update(session, [&](Processing& record, const Outcomes&) {
    redone = RedoPages(record, request.pages, request.options, context.clock.Now());
    return redone.ok();
  }));
  if (!redone.ok()) {
    RETURN_IF_ERROR(CleanUpFinished(context.store, context.book, session));
    return redone;
  }
  // Once more, after the record: whoever was just cleaning up the finished session may have removed
  // the first one (markers.h).
  RETURN_IF_ERROR(WriteMarker(context.store, session, user_email, context.clock.Now()));
  return StartSession(context, session, user_email);
}

Status DeleteSession(const ActionContext& context, const SessionKey& session) {
  // Workers stop at the next page when they see it cancelled.
  const Status cancelled = CancelSession(context, session);
  if (!cancelled.ok() && cancelled.code() == ErrorCode::kNotFound) return cancelled;
  RETURN_IF_ERROR(RemoveSessionFiles(context.store, session));
  RETURN_IF_ERROR(context.store.Delete(UnfinishedKey(session), kAnyGeneration));
  context.book.Forget(session);
  return Ok();
}

Result<std::string> EnsureResult(const ActionContext& context, const SessionKey& session,
                                 const std::string& format_name) {
  const OutputFormat* format = FindOutputFormat(format_name);
  if (format == nullptr) {
    return Error{ErrorCode::kUnsupportedFormat, "no output format " + format_name, ""};
  }
  bool final = false;
  std::vector<int> pages;
  RETURN_IF_ERROR(context.book.Look(session, [&](const Processing& record) {
    final = IsFinal(record.state) && AllFinished(record);
    for (const auto& [page, entry] : record.pages) pages.push_back(page);
  }));
  if (!final) return Error{ErrorCode::kConflict, "not every page has been read", ""};
  const std::string key = ResultKey(session, format->file_ending);
  if (context.store.Stat(key).ok()) return key;
  ASSIGN_OR_RETURN(const auto metadata, context.book.ReadMetadata(session));
  RETURN_IF_ERROR(CombineResults(context.store, session, *metadata, pages, {format_name},
                                 context.program_version));
  return key;
}

}  // namespace gnosis
