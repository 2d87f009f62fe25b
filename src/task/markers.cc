#include "task/markers.h"

#include "base/json.h"

namespace gnosis {
namespace {

Status DeleteUnlessChanged(ObjectStore& store, const std::string& key, Generation generation) {
  const Status deleted = store.Delete(key, generation);
  return !deleted.ok() && deleted.code() == ErrorCode::kPreconditionFailed ? Ok() : deleted;
}

}  // namespace

Status WriteMarker(ObjectStore& store, const SessionKey& session, const std::string& user_email,
                   Time now) {
  const Json json = {{"session_id", session.session_id},
                     {"user_email", user_email},
                     {"created_at", FormatTime(now)}};
  const auto written = store.Write(UnfinishedKey(session), DumpJson(json) + "\n", kAnyGeneration);
  return written.ok() ? Ok() : Status(written.error());
}

Result<bool> EnsureMarker(ObjectStore& store, const SessionKey& session,
                          const std::string& user_email, Time now) {
  const auto marker = store.Stat(UnfinishedKey(session));
  if (marker.ok()) return false;
  if (marker.code() != ErrorCode::kNotFound) return marker.error();
  RETURN_IF_ERROR(WriteMarker(store, session, user_email, now));
  return true;
}

Result<Marker> ReadMarker(ObjectStore& store, const SessionKey& session) {
  ASSIGN_OR_RETURN(const Object object, store.Read(UnfinishedKey(session)));
  const auto json = ParseJson(object.bytes);
  // A damaged marker still counts; only the name of the owner is lost.
  if (!json.ok()) return Marker{};
  return Marker{JsonString(*json, "user_email").value_or(""), JsonTime(*json, "created_at")};
}

Status CleanUpFinished(ObjectStore& store, SessionBook& book, const SessionKey& session) {
  const auto marker = store.Stat(UnfinishedKey(session));
  if (!marker.ok() && marker.code() != ErrorCode::kNotFound) return marker.error();
  // Also without a marker: one of two concurrent cleanups may have removed it before a password was
  // written.
  const auto password = store.Stat(SecretKey(session));
  if (!password.ok() && password.code() != ErrorCode::kNotFound) return password.error();
  if (!marker.ok() && !password.ok()) return Ok();
  bool final = false;
  // A record cached before the marker was written proves nothing: there may have been a redo since.
  const Status looked =
      book.LookAtNewest(session, [&](const Processing& record) { final = IsFinal(record.state); });
  // Gone: final and expired.
  if (!looked.ok() && looked.code() != ErrorCode::kGone) return looked;
  if (looked.ok() && !final) return Ok();
  // The password before the marker: while a password exists, something must lead recovery to it.
  if (password.ok()) {
    RETURN_IF_ERROR(DeleteUnlessChanged(store, SecretKey(session), password->generation));
  }
  if (!marker.ok()) return Ok();
  return DeleteUnlessChanged(store, UnfinishedKey(session), marker->generation);
}

}  // namespace gnosis
