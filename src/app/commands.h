// The program's commands, except `ocr` (command_ocr.h).
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "app/exit_code.h"
#include "app/home.h"
#include "app/machine.h"
#include "app/settings.h"
#include "languages/languages.h"
#include "session/disk_store.h"

namespace gnosis {

// `doctor` and `config`: information about this installation.

// The machine as `doctor` sees it: this one, or what a test says of another.
struct DoctorWorld {
  using Path = std::filesystem::path;
  Path program_folder = ProgramFolder();
  std::function<ModelFolders(const std::string&)> find_models = FindModelFolders;
  std::function<std::optional<uint64_t>()> memory_limit_bytes = MemoryLimitBytes;
  std::function<std::unique_ptr<ObjectStore>(const Path&)> new_store = [](const Path& root) {
    return NewDiskStore(root);
  };
  std::function<uint64_t(const Path&)> free_disk_bytes = FreeDiskBytes;
  std::function<bool(const Path&)> is_memory_disk = IsMemoryDisk;
  HomeMaker make_home = MakeHome;
};
// Prints a line per check: ok, warn or FAIL, the result, and what to do about it. kEnvironment if
// one failed.
ExitCode RunDoctor(const Settings& settings, const DoctorWorld& world = {});

// Prints NAME=value, with a comment on origin and meaning: the output is a valid settings file.
ExitCode RunConfig(const Settings& settings);

// `keys add|list|revoke`: the API keys of a data folder. A running server notices changes within a
// second.

// Prints the new key on standard output, once: only its hash is kept.
ExitCode RunKeysAdd(const Settings& settings, const std::string& name, const std::string& owner);
// One line per key: name, owner, creation time.
ExitCode RunKeysList(const Settings& settings);
ExitCode RunKeysRevoke(const Settings& settings, const std::string& name);

// Commands about one session directory: `resume DIR`, `verify DIR`, `status JOB`, `copy FROM TO`.

// Resumes a session directory, wherever it is; the results stay in it.
ExitCode RunResume(const Settings& settings, const std::filesystem::path& session_folder,
                   const HomeMaker& make_home = MakeHome);

// Reads every file in the directory and reports inconsistencies; changes nothing.
ExitCode RunVerify(const std::filesystem::path& session_folder);

// Prints the status of a job as JSON: by its id in the data folder, or by its directory.
ExitCode RunStatus(const Settings& settings, const std::string& job);

// Copies a session from a directory into a bucket ("gs://BUCKET"), or from a bucket
// ("gs://BUCKET/users/HASH/ID/") into a data folder, where it can be resumed.
ExitCode RunCopy(const Settings& settings, const std::string& from, const std::string& to);

// `serve`: the web service, with its own data folder. On an address that others can reach it starts
// only if there are API keys, or if it is told to run without. Runs until SIGTERM or SIGINT; then
// it accepts no new requests, current pages get a few seconds, leases are given back, and
// everything has ended within 10 s.
ExitCode RunServe(const Settings& settings, const ServiceHomeMaker& make_home = MakeServiceHome);

// `serve` with RUNNING_IN_CLOUD: the web service, or (IS_WORKER) the worker that the queue calls.
ExitCode RunServeInCloud(const Settings& settings,
                         const ServiceHomeMaker& make_home = MakeServiceHome);

}  // namespace gnosis
