// The markers under unfinished/: one per session that is not final, so that a start-up finds what a
// crash left. The marker is there before the session's first file, and before the record says "work
// is left"; it is removed after the record says "final".
#pragma once

#include <optional>
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
// Only if there is none: whether it wrote one.
Result<bool> EnsureMarker(ObjectStore& store, const SessionKey& session,
                          const std::string& user_email, Time now);
struct Marker {
  std::string user_email;          // "": the marker is torn
  std::optional<Time> created_at;  // likewise
};
// kNotFound when there is none.
Result<Marker> ReadMarker(ObjectStore& store, const SessionKey& session);

// Removes marker and password of a session that is final; nothing when it is not (a redo came).
// Those that are removed are the ones that were there before the record was read from the store: a
// redo writes both anew after its record, so they are never lost.
Status CleanUpFinished(ObjectStore& store, SessionBook& book, const SessionKey& session);

}  // namespace gnosis
