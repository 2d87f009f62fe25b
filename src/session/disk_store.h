// Objects as plain files under one root folder.
//
// An object's generation is its file's modification time in nanoseconds, set by us before the
// rename to max(now, previous + 1): it grows with every write, needs no second file, and an edit by
// hand changes it, too. A write is: temporary file in the same folder (".tmp-..."), bytes, mtime,
// fsync; then under flock() on the folder: is the generation still right?, rename, fsync of the
// folder. The lock is kept until then, so that whoever is refused (kPreconditionFailed) knows that
// what refused it survives a power loss. Temporary files are never listed.
//
// Folders are made on demand. When a folder is deleted while something in it is written, that write
// fails with kNotFound.
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
// root): only for somebody who knows that nobody else writes there.
Status RemoveTemporaryFiles(const std::filesystem::path& root, std::string_view folder);
Status RemoveTemporaryFiles(const std::filesystem::path& root, std::string_view folder, Disk& disk);

}  // namespace gnosis
