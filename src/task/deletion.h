// How a session goes away, and stays away.
//
// The life of a deletion: deleted/{user_hash}/{session_id} is written; then the password and
// metadata.json are removed, and from then on the session does not exist for any request; then the
// other files, repeatedly until a listing shows none; the marker; and last the tombstone. If a
// crash or a disk error interrupts a deletion, any process that finds the tombstone finishes it.
//
// A session's id is never used again, so a process that was working on it and finds that it is gone
// may remove everything under its folder.
#pragma once

#include "base/result.h"
#include "session/keys.h"
#include "session/object_store.h"
#include "task/job_actions.h"

namespace gnosis {

// For a process that wrote files of a session that is known to be gone: removes everything under
// its folder, and its marker. If something cannot be removed now, a tombstone is written.
void RemoveRemains(ObjectStore& store, const SessionKey& session);

// kNotFound, and nothing of it is left, if the session is gone: called at the end of a change that
// a deletion may have overtaken.
Status KeepNothingOfTheGone(ObjectStore& store, const SessionKey& session);

struct DeletionReport {
  int finished = 0;
  int failed = 0;
};
// Finishes every deletion that was begun. One that fails does not stop the others.
Result<DeletionReport> FinishDeletions(const ActionContext& context);

}  // namespace gnosis
