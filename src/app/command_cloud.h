// `gnosis-ocr serve` with RUNNING_IN_CLOUD: the web service, or (IS_WORKER) the worker that the
// queue calls.
#pragma once

#include "app/exit_code.h"
#include "app/settings.h"

namespace gnosis {

ExitCode RunServeInCloud(const Settings& settings);

}  // namespace gnosis
