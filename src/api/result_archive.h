// Everything of a finished job in one ZIP: result.* of the formats asked for at submission, and
// pages/page_NNN.txt for every page (a marker for one that could not be read).
//
// The life of an archive: made when it is first asked for, kept beside the results under the job's
// epoch; pages that are read anew raise the epoch, and the old one goes when the next is made.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "session/keys.h"
#include "session/status.h"
#include "task/job_actions.h"

namespace gnosis {

// The key of the archive; `job` must be final with every page read. Errors as EnsureResult.
Result<std::string> EnsureArchive(const ActionContext& actions, const SessionKey& session,
                                  const JobStatus& job);

}  // namespace gnosis
