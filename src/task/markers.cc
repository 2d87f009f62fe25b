#include "task/markers.h"

#include "base/json.h"

namespace gnosis {

Status WriteMarker(ObjectStore& store, const SessionKey& session, const std::string& user_email,
                   Time now) {
  const Json json = {{"session_id", session.session_id},
                     {"user_email", user_email},
                     {"created_at", FormatTime(now)}};
  const auto written = store.Write(UnfinishedKey(session), DumpJson(json) + "\n", kAnyGeneration);
  return written.ok() ? Ok() : Status(written.error());
}

Result<std::string> ReadMarker(ObjectStore& store, const SessionKey& session) {
  ASSIGN_OR_RETURN(const Object object, store.Read(UnfinishedKey(session)));
  const auto json = ParseJson(object.bytes);
  // A torn marker still marks; only the name of the owner is lost.
  if (!json.ok()) return std::string();
  return JsonString(*json, "user_email").value_or("");
}

Status CleanUpFinished(ObjectStore& store, SessionBook& book, const SessionKey& session) {
  const auto marker = store.Stat(UnfinishedKey(session));
  if (!marker.ok()) return marker.code() == ErrorCode::kNotFound ? Ok() : Status(marker.error());
  bool final = false;
  const Status looked =
      book.Look(session, [&](const Processing& record) { final = IsFinal(record.state); });
  // Gone: final and past its time.
  if (!looked.ok() && looked.code() != ErrorCode::kGone) return looked;
  if (looked.ok() && !final) return Ok();
  RETURN_IF_ERROR(store.Delete(SecretKey(session), kAnyGeneration));
  const Status deleted = store.Delete(UnfinishedKey(session), marker->generation);
  if (!deleted.ok() && deleted.code() == ErrorCode::kPreconditionFailed) return Ok();
  return deleted;
}

}  // namespace gnosis
