// Which session an Idempotency-Key names: the object submissions/{user_hash}/{submission_id} names
// it.
//
// The life of a submission: it names a session once that session's own files exist, by
// compare-and-set: of several requests with one key at the same moment one wins, the others
// withdraw what they wrote, each in a folder of its own. When the session it names is deleted it
// names nothing, and the next request may claim it.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "session/keys.h"
#include "session/object_store.h"

namespace gnosis {

// The session that exists for this key; nothing when there is none.
Result<std::optional<SessionKey>> FindSubmitted(ObjectStore& store, const std::string& user_email,
                                                const std::string& idempotency_key);

// Whether the submission names this session.
Result<bool> SubmissionNames(ObjectStore& store, const std::string& submission_id,
                             const SessionKey& session);

// Which session the submission names from now on: `session`, or an existing one that was first.
// After kUnavailable and kIo it may or may not name `session`.
Result<SessionKey> ClaimSubmission(ObjectStore& store, const std::string& submission_id,
                                   const SessionKey& session);

// `session` is deleted. Does nothing if the submission names another session.
Status ReleaseSubmission(ObjectStore& store, const std::string& submission_id,
                         const SessionKey& session);

}  // namespace gnosis
