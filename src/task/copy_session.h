// Copies a session from one home to another: every file with its name and bytes, so that the job
// resumes where it stopped. Only the leases of an unfinished session are left out.
//
// The order is that of a new session: the marker, artefacts, then metadata.json, processing.json
// last. An interrupted copy leaves no session that a worker would pick up; repeating it continues
// it.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "session/keys.h"
#include "session/object_store.h"

namespace gnosis {

struct CopyReport {
  int files = 0;
  uint64_t size_bytes = 0;
  bool unfinished = false;  // work is left: the marker exists, recovery resumes it
};
// No worker may be processing the session in `from`. kNotFound: no session there; kConflict: `to`
// has a different session with this id, or a copy that has since changed.
Result<CopyReport> CopySession(ObjectStore& from, ObjectStore& to, const SessionKey& session,
                               Clock& clock);

}  // namespace gnosis
