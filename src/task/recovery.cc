// The half of job_actions.h that needs no caller: recovery at start-up and the sweeper.
#include <algorithm>
#include <utility>

#include "base/log.h"
#include "task/job_actions.h"
#include "task/markers.h"
#include "task/session_files.h"

namespace gnosis {
namespace {

constexpr std::chrono::hours kKeepTombstones{30 * 24};
constexpr std::string_view kUsersFolder = "users/";

// Every session that has a folder, whole or half-made.
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

Status Expire(const ActionContext& context, const SessionKey& session) {
  const auto tombstone = context.store.Write(
      ExpiredKey(session), FormatTime(context.clock.Now()) + "\n", kAnyGeneration);
  if (!tombstone.ok()) return tombstone.error();
  RETURN_IF_ERROR(RemoveSessionFiles(context.store, session));
  context.book.Forget(session);
  Log(LogLevel::kInfo, "an expired session is deleted", {{"session", session.session_id}});
  return Ok();
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
  const auto user_email = ReadMarker(context.store, session);
  if (!user_email.ok()) return user_email.error();
  bool recovered = false;
  bool final = false;
  RETURN_IF_ERROR(context.book.Update(session, [&](Processing& record, const Outcomes&) {
    final = IsFinal(record.state);
    recovered = RecoverRecord(record, context.clock.Now(), leases, idle);
    return recovered;
  }));
  if (final) RETURN_IF_ERROR(CleanUpFinished(context.store, context.book, session));
  if (recovered) RETURN_IF_ERROR(StartSession(context, session, *user_email));
  return recovered;
}

Status ResumeSession(const ActionContext& context, const SessionKey& session,
                     const std::string& user_email) {
  bool final = false;
  RETURN_IF_ERROR(
      context.book.Look(session, [&](const Processing& record) { final = IsFinal(record.state); }));
  if (final) return CleanUpFinished(context.store, context.book, session);
  if (!context.store.Stat(UnfinishedKey(session)).ok()) {
    RETURN_IF_ERROR(WriteMarker(context.store, session, user_email, context.clock.Now()));
  }
  const auto recovered = RecoverSession(context, session, Leases::kBreak);
  return recovered.ok() ? Ok() : Status(recovered.error());
}

Result<RecoveryReport> RecoverAll(const ActionContext& context, Leases leases, Seconds idle) {
  RecoveryReport report;
  ASSIGN_OR_RETURN(const auto users, context.store.ListFolders(std::string(kUnfinishedFolder)));
  for (const std::string& user : users) {
    ASSIGN_OR_RETURN(const auto keys, context.store.List(user));
    for (const std::string& key : keys) {
      const auto session = ParseUnfinishedKey(key);
      if (!session) continue;
      ++report.unfinished;
      const auto recovered = RecoverSession(context, *session, leases, idle);
      if (recovered.ok()) {
        if (*recovered) ++report.enqueued;
      } else if (recovered.code() == ErrorCode::kNotFound || recovered.code() == ErrorCode::kGone) {
        // The marker is written after metadata.json: without it the session was deleted.
        RETURN_IF_ERROR(context.store.Delete(key, kAnyGeneration));
        ++report.cleaned;
      } else {
        Log(LogLevel::kError, "a session could not be recovered",
            {{"session", session->session_id}, {"reason", recovered.error().message}});
      }
    }
  }
  return report;
}

Result<SweepReport> Sweep(const ActionContext& context) {
  SweepReport report;
  ASSIGN_OR_RETURN(const auto sessions, ListSessions(context.store));
  for (const SessionKey& session : sessions) {
    const auto metadata = context.book.ReadMetadata(session);
    if (!metadata.ok()) continue;
    if (!(*metadata)->expires_at || *(*metadata)->expires_at > context.clock.Now()) continue;
    // A session that is still being read is kept until it is final.
    if (context.store.Stat(UnfinishedKey(session)).ok()) continue;
    RETURN_IF_ERROR(Expire(context, session));
    ++report.expired;
  }
  RETURN_IF_ERROR(RemoveOldTombstones(context));
  return report;
}

Result<int> RemoveAbandonedUploads(const ActionContext& context) {
  int removed = 0;
  ASSIGN_OR_RETURN(const auto sessions, ListSessions(context.store));
  for (const SessionKey& session : sessions) {
    const auto info = context.store.Stat(MetadataKey(session));
    if (info.ok() || info.code() != ErrorCode::kNotFound) continue;
    RETURN_IF_ERROR(context.store.DeleteFolder(SessionFolder(session)));
    ++removed;
  }
  return removed;
}

bool IsExpired(ObjectStore& store, const SessionKey& session) {
  return store.Stat(ExpiredKey(session)).ok();
}

}  // namespace gnosis
