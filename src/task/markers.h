// The markers under unfinished/: one per session that is not final, so that a start-up finds what a
// crash left. The marker is there before the record says "work is left", and is removed after the
// record says "final".
#pragma once

#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "session/keys.h"
#include "session/object_store.h"
#include "task/session_book.h"

namespace gnosis {

// The e-mail is kept in the marker: tasks made by recovery carry it.
Status WriteMarker(ObjectStore& store, const SessionKey& session, const std::string& user_email,
                   Time now);
// The e-mail in the marker; kNotFound when there is none.
Result<std::string> ReadMarker(ObjectStore& store, const SessionKey& session);

// Removes marker and password of a session that is final; nothing when it is not (a redo came).
// The marker that is removed is the one that was there before the record was looked at: a redo
// writes it anew after its record, so it is never lost.
Status CleanUpFinished(ObjectStore& store, SessionBook& book, const SessionKey& session);

}  // namespace gnosis
