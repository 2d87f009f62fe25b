#include "task/submissions.h"

#include <utility>

#include "base/json.h"
#include "task/session_files.h"

namespace gnosis {
namespace {

constexpr int kMostTries = 20;

struct Named {
  std::optional<SessionKey> session;  // nothing: the file is damaged
  Generation generation = kAbsent;
};

Result<Named> ReadNamed(ObjectStore& store, const std::string& user_hash,
                        const std::string& submission_id) {
  const auto object = store.Read(SubmissionKey(user_hash, submission_id));
  if (!object.ok()) {
    if (object.code() == ErrorCode::kNotFound) return Named{};
    return object.error();
  }
  Named named{std::nullopt, object->generation};
  const auto json = ParseJson(object->bytes);
  if (!json.ok()) return named;
  auto session = ParseSessionKey(user_hash, JsonString(*json, "session_id").value_or(""));
  if (session.ok()) named.session = *std::move(session);
  return named;
}

// The first versions derived the session's id from the key itself.
std::optional<SessionKey> LegacySession(const std::string& user_email, const std::string& key) {
  const std::string user_hash = LegacyUserHash(user_email);
  auto session = ParseSessionKey(user_hash, SubmissionId(user_hash, key));
  return session.ok() ? std::optional(*std::move(session)) : std::nullopt;
}

}  // namespace

Result<std::optional<SessionKey>> FindSubmitted(ObjectStore& store, const std::string& user_email,
                                                const std::string& idempotency_key) {
  const std::string user_hash = UserHash(user_email);
  ASSIGN_OR_RETURN(Named named,
                   ReadNamed(store, user_hash, SubmissionId(user_hash, idempotency_key)));
  if (named.session && SessionExists(store, *named.session)) return std::move(named.session);
  auto legacy = LegacySession(user_email, idempotency_key);
  if (legacy && SessionExists(store, *legacy)) return legacy;
  return std::optional<SessionKey>();
}

Result<bool> SubmissionNames(ObjectStore& store, const std::string& submission_id,
                             const SessionKey& session) {
  ASSIGN_OR_RETURN(const Named named, ReadNamed(store, session.user_hash, submission_id));
  return named.session == session;
}

Result<SessionKey> ClaimSubmission(ObjectStore& store, const std::string& submission_id,
                                   const SessionKey& session) {
  const std::string key = SubmissionKey(session.user_hash, submission_id);
  const std::string bytes = DumpJson({{"session_id", session.session_id}}) + "\n";
  for (int attempt = 0; attempt < kMostTries; ++attempt) {
    ASSIGN_OR_RETURN(const Named named, ReadNamed(store, session.user_hash, submission_id));
    if (named.session == session) return session;
    // metadata.json is written before the submission names its session: without it the session was
    // deleted; it is not merely late.
    if (named.session && SessionExists(store, *named.session)) return *named.session;
    const auto written = store.Write(key, bytes, named.generation);
    if (written.ok()) return session;
    if (written.code() == ErrorCode::kPreconditionFailed) continue;
    // The response may have been lost, not the write.
    const auto landed = SubmissionNames(store, submission_id, session);
    return landed.ok() && *landed ? Result<SessionKey>(session) : written.error();
  }
  return Error{ErrorCode::kUnavailable, "other requests keep claiming the same Idempotency-Key",
               "repeat the request in a moment"};
}

Status ReleaseSubmission(ObjectStore& store, const std::string& submission_id,
                         const SessionKey& session) {
  ASSIGN_OR_RETURN(const Named named, ReadNamed(store, session.user_hash, submission_id));
  if (named.session != session) return Ok();
  const Status deleted =
      store.Delete(SubmissionKey(session.user_hash, submission_id), named.generation);
  return !deleted.ok() && deleted.code() == ErrorCode::kPreconditionFailed ? Ok() : deleted;
}

}  // namespace gnosis
