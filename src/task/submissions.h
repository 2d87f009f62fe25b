// Which session an Idempotency-Key stands for: the object submissions/{user_hash}/{submission_id}
// names it.
//
// The life of a submission: it names a session from the moment when that session's own files are
// there, and by compare-and-set: of several requests with one key at the same moment one wins, the
// others withdraw what they wrote, each in a folder of its own. When the session it names is
// deleted it stands for nothing, and the next request may claim it.
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

// Whether the submission stands for this session.
Result<bool> SubmissionNames(ObjectStore& store, const std::string& submission_id,
                             const SessionKey& session);

// Which session the submission stands for from now on: `session`, or one that exists and was first.
// After kUnavailable and kIo it may stand for `session` or not.
Result<SessionKey> ClaimSubmission(ObjectStore& store, const std::string& submission_id,
                                   const SessionKey& session);

// `session` is deleted. Nothing happens when the submission stands for another one.
Status ReleaseSubmission(ObjectStore& store, const std::string& submission_id,
                         const SessionKey& session);

}  // namespace gnosis
