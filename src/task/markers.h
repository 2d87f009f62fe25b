// The markers under unfinished/: one per session that is not final, so that a start-up finds what a
// crash left. The marker exists before the session's first file, and before the record says "work
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
// Only if there is none yet; whether it wrote one.
Result<bool> EnsureMarker(ObjectStore& store, const SessionKey& session,
                          const std::string& user_email, Time now);
struct Marker {
  std::string user_email;          // "": the marker is damaged
  std::optional<Time> created_at;  // likewise
};
// kNotFound when there is none.
Result<Marker> ReadMarker(ObjectStore& store, const SessionKey& session);

// Removes the marker and password of a final session; does nothing if it is not final (after a
// redo). Only those that existed before the record was read from the store are removed: a redo
// writes both again after its record, so they are never lost.
Status CleanUpFinished(ObjectStore& store, SessionBook& book, const SessionKey& session);

}  // namespace gnosis
