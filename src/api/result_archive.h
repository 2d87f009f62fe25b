// The results of a finished job in one ZIP: result.* in the formats requested at submission, and
// pages/page_NNN.txt for every page (a marker for one that failed).
//
// Lifecycle of an archive: created when first requested, stored with the results under the job's
// epoch; retrying pages increments the epoch, and the old archive is deleted when the next is
// created.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "session/keys.h"
#include "session/status.h"
#include "task/job_actions.h"

namespace gnosis {

// The key of the archive; `job` must be final with all pages done. Errors as EnsureResult.
Result<std::string> EnsureArchive(const ActionContext& actions, const SessionKey& session,
                                  const JobStatus& job);

}  // namespace gnosis
