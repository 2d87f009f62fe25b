// The half of job_actions.h that runs without a request: recovery at start-up and the sweeper.
#include <algorithm>
#include <utility>

#include "base/log.h"
#include "task/deletion.h"
#include "task/job_actions.h"
#include "task/markers.h"
#include "task/session_files.h"
#include "task/submissions.h"

namespace gnosis {
namespace {

constexpr std::chrono::hours kKeepTombstones{30 * 24};
// An older marker without a session no longer belongs to an upload.
constexpr std::chrono::hours kLongestUpload{24};
// From a session's metadata.json until the submission names it: a few writes.
constexpr std::chrono::hours kLongestAdmission{1};
constexpr std::string_view kUsersFolder = "users/";

// Every session that has a folder, complete or not.
Result<std::vector<SessionKey>> ListSessions(ObjectStore& store) {
  std::vector<SessionKey> sessions;
  ASSIGN_OR_RETURN(const auto users, store.ListFolders(std::string(kUsersFolder)));
  for (const std::string& user : users) {
    ASSIGN_OR_RETURN(const auto folders, store.ListFolders(user));
    for (const std::string& folder : folders) {
      if (auto session = ParseSessionFolder(folder)) sessions.push_back(*std::move(session));
    }
  }
  return sessions;
}

// Every session that has a marker.
Result<std::vector<SessionKey>> ListMarked(ObjectStore& store) {
  std::vector<SessionKey> sessions;
  ASSIGN_OR_RETURN(const auto users, store.ListFolders(std::string(kUnfinishedFolder)));
  for (const std::string& user : users) {
    ASSIGN_OR_RETURN(const auto keys, store.List(user));
    for (const std::string& key : keys) {
      if (auto session = ParseUnfinishedKey(key)) sessions.push_back(*std::move(session));
    }
  }
  return sessions;
}

Status Expire(const ActionContext& context, const SessionKey& session) {
  const auto tombstone = context.store.Write(
      ExpiredKey(session), FormatTime(context.clock.Now()) + "\n", kAnyGeneration);
  if (!tombstone.ok()) return tombstone.error();
  RETURN_IF_ERROR(DeleteSession(context, session));
  Log(LogLevel::kInfo, "deleting an expired session", {{"session", session.session_id}});
  return Ok();
}

// A session that is still being processed is kept until it is final.
Result<bool> IsStillWorkedOn(const ActionContext& context, const SessionKey& session) {
  RETURN_IF_ERROR(CleanUpFinished(context.store, context.book, session));
  const auto marker = context.store.Stat(UnfinishedKey(session));
  if (marker.ok()) return true;
  if (marker.code() == ErrorCode::kNotFound) return false;
  return marker.error();
}

// True: it had expired and has been deleted.
Result<bool> SweepSession(const ActionContext& context, const SessionKey& session,
                          const Metadata& metadata) {
  if (!metadata.expires_at || *metadata.expires_at > context.clock.Now()) return false;
  ASSIGN_OR_RETURN(const bool worked_on, IsStillWorkedOn(context, session));
  if (worked_on) return false;
  return DeleteIfExpired(context, session);
}

// True: the folder belonged to no session and has been removed. An upload writes its marker before
// its first file, so if a folder was listed, then had no marker, then no metadata.json, its creator
// has ended.
Result<bool> SweepFolderOfNoSession(const ActionContext& context, const SessionKey& session) {
  const auto marker = context.store.Stat(UnfinishedKey(session));
  if (marker.ok()) return false;
  if (marker.code() != ErrorCode::kNotFound) return marker.error();
  if (SessionExists(context.store, session)) return false;
  RemoveRemains(context.store, session);
  return true;
}

void SweepOne(const ActionContext& context, const SessionKey& session, SweepReport& report) {
  const auto metadata = context.book.ReadMetadata(session);
  const bool no_session = !metadata.ok() && metadata.code() == ErrorCode::kNotFound;
  if (!metadata.ok() && !no_session) return;
  const auto swept = no_session ? SweepFolderOfNoSession(context, session)
                                : SweepSession(context, session, **metadata);
  if (swept.ok()) {
    if (*swept) ++(no_session ? report.removed : report.expired);
    return;
  }
  ++report.failed;
  Log(LogLevel::kError, "a session could not be swept",
      {{"session", session.session_id}, {"reason", swept.error().message}});
}

// Of two requests with one key only the one that the submission names has become a job: a crash may
// have left the other one with all its files. That can only be a session on which no work has
// started. While its upload may still be in progress, the upload decides: it withdraws a session
// that failed or lost, and claims a key that became free, and recovery must not interfere with
// either.
enum class Standing { kIsAJob, kIsAnUpload, kLost };
Result<Standing> StandingOf(const ActionContext& context, const SessionKey& session,
                            Leases leases) {
  ASSIGN_OR_RETURN(const auto metadata, context.book.ReadMetadata(session));
  if (metadata->submission_id.empty()) return Standing::kIsAJob;
  bool begun = false;
  RETURN_IF_ERROR(context.book.LookAtNewest(session, [&](const Processing& record) {
    begun = record.state != SessionState::kQueued || record.epoch > 1;
  }));
  if (begun) return Standing::kIsAJob;
  ASSIGN_OR_RETURN(const bool named,
                   SubmissionNames(context.store, metadata->submission_id, session));
  if (named) return Standing::kIsAJob;
  if (leases == Leases::kRespect &&
      context.clock.Now() - metadata->created_at < kLongestAdmission) {
    return Standing::kIsAnUpload;
  }
  ASSIGN_OR_RETURN(const SessionKey winner,
                   ClaimSubmission(context.store, metadata->submission_id, session));
  return winner == session ? Standing::kIsAJob : Standing::kLost;
}

// The first versions wrote the marker after metadata.json, and the record after the marker.
Status MarkIfNeverRecorded(const ActionContext& context, const SessionKey& session) {
  for (const std::string& key : {ProcessingKey(session), UnfinishedKey(session)}) {
    const auto info = context.store.Stat(key);
    if (info.ok()) return Ok();
    if (info.code() != ErrorCode::kNotFound) return info.error();
  }
  return WriteMarker(context.store, session, "", context.clock.Now());
}

void LogUnrecovered(const SessionKey& session, const Error& error) {
  Log(LogLevel::kError, "a session could not be recovered",
      {{"session", session.session_id}, {"reason", error.message}});
}

// An upload in progress has only its marker so far.
bool IsAbandoned(const ActionContext& context, const SessionKey& session, Leases leases) {
  if (leases == Leases::kBreak) return true;
  const auto marker = ReadMarker(context.store, session);
  return marker.ok() && marker->created_at &&
         context.clock.Now() - *marker->created_at > kLongestUpload;
}

Status RemoveOldTombstones(const ActionContext& context) {
  ASSIGN_OR_RETURN(const auto users, context.store.ListFolders(std::string(kExpiredFolder)));
  for (const std::string& user : users) {
    ASSIGN_OR_RETURN(const auto keys, context.store.List(user));
    for (const std::string& key : keys) {
      const auto object = context.store.Read(key);
      if (!object.ok()) continue;
      const auto expired_at =
          ParseTime(std::string_view(object->bytes).substr(0, object->bytes.find('\n')));
      if (expired_at && context.clock.Now() - *expired_at < kKeepTombstones) continue;
      RETURN_IF_ERROR(context.store.Delete(key, kAnyGeneration));
    }
  }
  return Ok();
}

}  // namespace

Result<bool> RecoverSession(const ActionContext& context, const SessionKey& session, Leases leases,
                            Seconds idle) {
  const auto marker = ReadMarker(context.store, session);
  if (!marker.ok()) return marker.error();
  ASSIGN_OR_RETURN(const Standing standing, StandingOf(context, session, leases));
  if (standing == Standing::kLost) RETURN_IF_ERROR(DeleteSession(context, session));
  if (standing != Standing::kIsAJob) return false;
  bool recovered = false;
  bool final = false;
  RETURN_IF_ERROR(context.book.Update(session, [&](Processing& record, const Outcomes&) {
    final = IsFinal(record.state);
    recovered = RecoverRecord(record, context.clock.Now(), leases, idle);
    return recovered;
  }));
  if (final) RETURN_IF_ERROR(CleanUpFinished(context.store, context.book, session));
  if (recovered) RETURN_IF_ERROR(StartSession(context, session, marker->user_email));
  RETURN_IF_ERROR(KeepNothingOfTheGone(context.store, session));
  return recovered;
}

Result<bool> RecoverStalled(const ActionContext& context, const SessionKey& session,
                            const std::string& user_email, Seconds idle) {
  ASSIGN_OR_RETURN(const bool marked_anew,
                   EnsureMarker(context.store, session, user_email, context.clock.Now()));
  const auto recovered = RecoverSession(context, session, Leases::kRespect, idle);
  if (marked_anew) RETURN_IF_ERROR(KeepNothingOfTheGone(context.store, session));
  return recovered;
}

Status ResumeSession(const ActionContext& context, const SessionKey& session,
                     const std::string& user_email) {
  bool final = false;
  RETURN_IF_ERROR(
      context.book.Look(session, [&](const Processing& record) { final = IsFinal(record.state); }));
  if (final) return CleanUpFinished(context.store, context.book, session);
  RETURN_IF_ERROR(EnsureMarker(context.store, session, user_email, context.clock.Now()));
  const auto recovered = RecoverSession(context, session, Leases::kBreak);
  return recovered.ok() ? Ok() : Status(recovered.error());
}

Result<RecoveryReport> RecoverAll(const ActionContext& context, Leases leases, Seconds idle) {
  RecoveryReport report;
  ASSIGN_OR_RETURN(const auto marked, ListMarked(context.store));
  for (const SessionKey& session : marked) {
    ++report.unfinished;
    const auto recovered = RecoverSession(context, session, leases, idle);
    if (recovered.ok()) {
      if (*recovered) ++report.enqueued;
    } else if (recovered.code() == ErrorCode::kGone) {
      // Final and expired: left to the sweeper.
      (void)CleanUpFinished(context.store, context.book, session);
    } else if (recovered.code() != ErrorCode::kNotFound) {
      LogUnrecovered(session, recovered.error());
    } else if (IsAbandoned(context, session, leases) && !SessionExists(context.store, session)) {
      RemoveRemains(context.store, session);
      ++report.cleaned;
    }
  }
  return report;
}

Result<bool> DeleteIfExpired(const ActionContext& context, const SessionKey& session) {
  // A session that finished late is kept longer (ExpiryOf).
  const auto status = context.book.ReadStatus(session);
  if (status.ok()) return false;
  if (status.code() != ErrorCode::kGone) return status.error();
  RETURN_IF_ERROR(Expire(context, session));
  return true;
}

Result<SweepReport> Sweep(const ActionContext& context) {
  SweepReport report;
  ASSIGN_OR_RETURN(const DeletionReport deletions, FinishDeletions(context));
  report.removed = deletions.finished;
  report.failed = deletions.failed;
  ASSIGN_OR_RETURN(const auto sessions, ListSessions(context.store));
  for (const SessionKey& session : sessions) SweepOne(context, session, report);
  RETURN_IF_ERROR(RemoveOldTombstones(context));
  return report;
}

Result<int> SettleAdmissions(const ActionContext& context) {
  int removed = 0;
  ASSIGN_OR_RETURN(const auto sessions, ListSessions(context.store));
  for (const SessionKey& session : sessions) {
    if (!SessionExists(context.store, session)) {
      RemoveRemains(context.store, session);
      ++removed;
      continue;
    }
    RETURN_IF_ERROR(MarkIfNeverRecorded(context, session));
  }
  ASSIGN_OR_RETURN(const auto marked, ListMarked(context.store));
  for (const SessionKey& session : marked) {
    const bool exists = SessionExists(context.store, session);
    const auto standing = exists ? StandingOf(context, session, Leases::kBreak)
                                 : Result<Standing>(Standing::kIsAnUpload);
    if (!standing.ok()) {
      LogUnrecovered(session, standing.error());
      continue;
    }
    if (*standing == Standing::kIsAJob) continue;
    if (*standing == Standing::kLost) RETURN_IF_ERROR(DeleteSession(context, session));
    if (!exists) RemoveRemains(context.store, session);
    ++removed;
  }
  return removed;
}

bool IsExpired(ObjectStore& store, const SessionKey& session) {
  return store.Stat(ExpiredKey(session)).ok();
}

}  // namespace gnosis
