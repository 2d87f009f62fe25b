// Who may believe that nobody else is at work: flock() on a folder or file, freed by the operating
// system when the process ends, however it ends.
//
// The service holds its data folder's lock alone; each `ocr` or `resume` holds its root's lock
// shared and its session's original alone. So whoever holds a session knows that every lease in it
// is dead.
#pragma once

#include <filesystem>
#include <optional>

#include "base/file.h"
#include "base/result.h"

namespace gnosis {

enum class LockKind { kShared, kAlone };

class FolderLock {
 public:
  // Nothing: somebody else holds it. Does not wait.
  static Result<std::optional<FolderLock>> Try(const std::filesystem::path& path, LockKind kind);

 private:
  explicit FolderLock(FileDescriptor file) : file_(std::move(file)) {}
  FileDescriptor file_;
};

}  // namespace gnosis
