// Commands about one session directory: `resume DIR`, `verify DIR`, `status JOB`.
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

}  // namespace gnosis
