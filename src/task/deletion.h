// How a session goes away, and stays away.
//
// The life of a deletion: deleted/{user_hash}/{session_id} is written; then password and
// metadata.json go, and with them the session for everybody who asks; then what is left, again and
// again until a listing shows nothing; the marker; and last the tombstone. A deletion that a crash
// or a broken disk interrupted is finished by whoever finds the tombstone.
//
// A session's id never comes back, so whoever was at work on it meanwhile and finds that it is gone
// may remove everything under its folder.
#pragma once

#include "base/result.h"
#include "session/keys.h"
#include "session/object_store.h"
#include "task/job_actions.h"

namespace gnosis {

// For whoever wrote something of a session that is surely gone: everything under its folder, and
// its marker. What cannot be removed now gets a tombstone.
void RemoveRemains(ObjectStore& store, const SessionKey& session);

// kNotFound, and nothing of it is left, if the session is gone: for the end of a change that
// somebody's deletion may have overtaken.
Status KeepNothingOfTheGone(ObjectStore& store, const SessionKey& session);

struct DeletionReport {
  int finished = 0;
  int failed = 0;
};
// Every deletion that was begun. One that fails does not stop the others.
Result<DeletionReport> FinishDeletions(const ActionContext& context);

}  // namespace gnosis
