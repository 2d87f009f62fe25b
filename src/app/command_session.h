// Commands about one session directory: `resume DIR`, `verify DIR`, `status JOB`, `copy FROM TO`.
#pragma once

#include <filesystem>
#include <string>

#include "app/exit_code.h"
#include "app/settings.h"

namespace gnosis {

// Goes on with a session directory, wherever it lies; its results stay in it.
ExitCode RunResume(const Settings& settings, const std::filesystem::path& session_folder);

// Reads every file of the directory and says what contradicts itself; changes nothing.
ExitCode RunVerify(const std::filesystem::path& session_folder);

// Prints the status of a job as JSON: by its id in the data folder, or by its directory.
ExitCode RunStatus(const Settings& settings, const std::string& job);

// Copies a session from a directory into a bucket ("gs://BUCKET"), or from a bucket
// ("gs://BUCKET/users/HASH/ID/") into a data folder; it goes on there where it was.
ExitCode RunCopy(const Settings& settings, const std::string& from, const std::string& to);

}  // namespace gnosis
