#include "task/deletion.h"

#include <string>

#include "base/json.h"
#include "base/log.h"
#include "task/session_files.h"
#include "task/submissions.h"

namespace gnosis {
namespace {

// A process that is still writing adds a few files and then sees that the session is gone.
constexpr int kMostRounds = 50;

Error NoSuchJob() { return {ErrorCode::kNotFound, "no such job", ""}; }

Status EmptyFolder(ObjectStore& store, const SessionKey& session) {
  const std::string folder = SessionFolder(session);
  for (int round = 0; round < kMostRounds; ++round) {
    RETURN_IF_ERROR(store.DeleteFolder(folder));
    ASSIGN_OR_RETURN(const auto left, store.List(folder));
    if (left.empty()) return Ok();
  }
  return Error{ErrorCode::kIo, "another process keeps writing to the folder of a deleted job",
               "the sweeper will try again"};
}

Status WriteTombstone(ObjectStore& store, const SessionKey& session,
                      const std::string& submission_id, const std::string& when) {
  const Json json = {{"deleted_at", when}, {"submission_id", submission_id}};
  const auto written = store.Write(DeletedKey(session), DumpJson(json) + "\n", kAnyGeneration);
  return written.ok() ? Ok() : Status(written.error());
}

// "" when there was no key, or when the tombstone is damaged.
Result<std::string> SubmissionIn(ObjectStore& store, const SessionKey& session) {
  ASSIGN_OR_RETURN(const Object object, store.Read(DeletedKey(session)));
  const auto json = ParseJson(object.bytes);
  return json.ok() ? JsonString(*json, "submission_id").value_or("") : std::string();
}

// Every step may already have been done.
Status Finish(const ActionContext& context, const SessionKey& session,
              const std::string& submission_id) {
  ObjectStore& store = context.store;
  RETURN_IF_ERROR(store.Delete(SecretKey(session), kAnyGeneration));
  // Before metadata.json, which holds the key: on a full disk there is no tombstone to hold it.
  if (!submission_id.empty()) RETURN_IF_ERROR(ReleaseSubmission(store, submission_id, session));
  RETURN_IF_ERROR(store.Delete(MetadataKey(session), kAnyGeneration));
  context.book.Forget(session);
  RETURN_IF_ERROR(EmptyFolder(store, session));
  // Again: a concurrent lookup may have cached what still existed.
  context.book.Forget(session);
  RETURN_IF_ERROR(store.Delete(UnfinishedKey(session), kAnyGeneration));
  return store.Delete(DeletedKey(session), kAnyGeneration);
}

}  // namespace

Status DeleteSession(const ActionContext& context, const SessionKey& session) {
  ObjectStore& store = context.store;
  const auto metadata = ReadMetadataFile(store, session);
  if (!metadata.ok() && metadata.code() == ErrorCode::kNotFound) {
    // An earlier call may not have finished.
    const auto submission_id = SubmissionIn(store, session);
    if (submission_id.ok()) return Finish(context, session, *submission_id);
    return submission_id.code() == ErrorCode::kNotFound ? Status(NoSuchJob())
                                                        : Status(submission_id.error());
  }
  if (!metadata.ok() && metadata.code() != ErrorCode::kDamaged) return metadata.error();
  const std::string submission_id = metadata.ok() ? metadata->submission_id : "";
  const Status marked =
      WriteTombstone(store, session, submission_id, FormatTime(context.clock.Now()));
  // A full disk is a reason to delete, so deletion works without a tombstone; a crash then leaves a
  // folder without metadata.json, which is removed as well.
  if (!marked.ok() && marked.code() != ErrorCode::kDiskFull) return marked;
  return Finish(context, session, submission_id);
}

void RemoveRemains(ObjectStore& store, const SessionKey& session) {
  Status removed = EmptyFolder(store, session);
  if (removed.ok()) removed = store.Delete(UnfinishedKey(session), kAnyGeneration);
  if (removed.ok()) return;
  Log(LogLevel::kWarning, "the rest of a deleted job cannot be removed yet",
      {{"session", session.session_id}, {"reason", removed.error().message}});
  (void)WriteTombstone(store, session, "", FormatTime(SystemClock().Now()));
}

Status KeepNothingOfTheGone(ObjectStore& store, const SessionKey& session) {
  if (SessionExists(store, session)) return Ok();
  RemoveRemains(store, session);
  return NoSuchJob();
}

Result<DeletionReport> FinishDeletions(const ActionContext& context) {
  DeletionReport report;
  ASSIGN_OR_RETURN(const auto users, context.store.ListFolders(std::string(kDeletedFolder)));
  for (const std::string& user : users) {
    ASSIGN_OR_RETURN(const auto keys, context.store.List(user));
    for (const std::string& key : keys) {
      const auto session = ParseDeletedKey(key);
      if (!session) continue;
      const auto submission_id = SubmissionIn(context.store, *session);
      // Another process has just finished it.
      if (!submission_id.ok() && submission_id.code() == ErrorCode::kNotFound) continue;
      const Status finished = submission_id.ok() ? Finish(context, *session, *submission_id)
                                                 : Status(submission_id.error());
      ++(finished.ok() ? report.finished : report.failed);
      if (finished.ok()) continue;
      Log(LogLevel::kError, "a job could not be deleted",
          {{"session", session->session_id}, {"reason", finished.error().message}});
    }
  }
  return report;
}

}  // namespace gnosis
