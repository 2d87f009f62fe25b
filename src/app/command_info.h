// `gnosis-ocr doctor` and `gnosis-ocr config`: what this installation is like.
#pragma once

#include "app/exit_code.h"
#include "app/settings.h"

namespace gnosis {

// A line per check: ok, warn or FAIL, what was found, what to do about it. kEnvironment if one
// failed.
ExitCode RunDoctor(const Settings& settings);

// NAME=value, a comment with its origin and its meaning: the output is a valid settings file.
ExitCode RunConfig(const Settings& settings);

}  // namespace gnosis
