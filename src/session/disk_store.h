// Objects as plain files under one root folder.
//
// An object's generation is its file's modification time in nanoseconds, set by us before the
// rename to max(now, previous + 1): it grows with every write, needs no second file, and editing
// the file by hand changes it as well. A write is: temporary file in the same folder (".tmp-..."),
// bytes, mtime, fsync; then under flock() on the folder: check the generation, rename, fsync the
// folder. The lock is held until then, so that a writer that gets kPreconditionFailed knows that
// the write it lost to survives a power loss. Temporary files are never listed.
//
// Folders are made on demand. If a folder is deleted during a write in it, that write fails with
// kNotFound.
#pragma once

#include <filesystem>
#include <memory>
#include <string_view>

#include "session/disk.h"
#include "session/object_store.h"

namespace gnosis {

// Neither touches the disk until it is used. Keys must be relative, '/'-separated, without empty,
// "." or ".." parts, and no name may begin with ".tmp-": anything else is a bug in the caller.
std::unique_ptr<ObjectStore> NewDiskStore(const std::filesystem::path& root);
// `disk` must outlive the store.
std::unique_ptr<ObjectStore> NewDiskStore(const std::filesystem::path& root, Disk& disk);

// Removes temporary files that a crash left anywhere under `folder` ("users/.../", "" is all of the
// root): call it only when nothing else writes there.
Status RemoveTemporaryFiles(const std::filesystem::path& root, std::string_view folder);
Status RemoveTemporaryFiles(const std::filesystem::path& root, std::string_view folder, Disk& disk);

}  // namespace gnosis
