// A session from one home to another: every file with its name and its bytes, so that the job goes
// on where it was. Only the leases of an unfinished one stay behind.
//
// The order is that of a new session: the marker, artefacts, then metadata.json, processing.json
// last. A copy that is cut off leaves no session that anybody would work on; done again it goes on.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "session/keys.h"
#include "session/object_store.h"

namespace gnosis {

struct CopyReport {
  int files = 0;
  uint64_t size_bytes = 0;
  bool unfinished = false;  // work is left: the marker is there, recovery takes it up
};
// Nobody may be at work on the session in `from`. kNotFound: no session there; kConflict: another
// one of this id is in `to`, or one that has gone on by itself.
Result<CopyReport> CopySession(ObjectStore& from, ObjectStore& to, const SessionKey& session,
                               Clock& clock);

}  // namespace gnosis
