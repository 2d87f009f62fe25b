// What the program's commands do, besides `ocr` (command_ocr.h).
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

// `doctor` and `config`: what this installation is like.

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
// A line per check: ok, warn or FAIL, what was found, what to do about it. kEnvironment if one
// failed.
ExitCode RunDoctor(const Settings& settings, const DoctorWorld& world = {});

// NAME=value, a comment with its origin and its meaning: the output is a valid settings file.
ExitCode RunConfig(const Settings& settings);

// `keys add|list|revoke`: the API keys of a data folder. A running server follows within a second.

// Prints the new key on standard output, once: only its hash is kept.
ExitCode RunKeysAdd(const Settings& settings, const std::string& name, const std::string& owner);
// One line a key: name, owner, since when.
ExitCode RunKeysList(const Settings& settings);
ExitCode RunKeysRevoke(const Settings& settings, const std::string& name);

// Commands about one session directory: `resume DIR`, `verify DIR`, `status JOB`, `copy FROM TO`.

// Goes on with a session directory, wherever it lies; its results stay in it.
ExitCode RunResume(const Settings& settings, const std::filesystem::path& session_folder,
                   const HomeMaker& make_home = MakeHome);

// Reads every file of the directory and says what contradicts itself; changes nothing.
ExitCode RunVerify(const std::filesystem::path& session_folder);

// Prints the status of a job as JSON: by its id in the data folder, or by its directory.
ExitCode RunStatus(const Settings& settings, const std::string& job);

// Copies a session from a directory into a bucket ("gs://BUCKET"), or from a bucket
// ("gs://BUCKET/users/HASH/ID/") into a data folder; it goes on there where it was.
ExitCode RunCopy(const Settings& settings, const std::string& from, const std::string& to);

// `serve`: the web service over a data folder of its own. On an address that others can
// reach it starts only when there are API keys, or when it is told to do without.
// Until SIGTERM or SIGINT; then no new requests, pages in hand get a few seconds, leases are given
// back, and everything has ended within 10 s.
ExitCode RunServe(const Settings& settings, const ServiceHomeMaker& make_home = MakeServiceHome);

// `serve` with RUNNING_IN_CLOUD: the web service, or (IS_WORKER) the worker that the
// queue calls.
ExitCode RunServeInCloud(const Settings& settings,
                         const ServiceHomeMaker& make_home = MakeServiceHome);

}  // namespace gnosis
