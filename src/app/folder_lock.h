// Locks to exclude other processes: flock() on a folder or file, released by the operating system
// when the process ends, however it ends.
//
// The service holds its data folder's lock exclusively; each `ocr` or `resume` holds its root's
// lock shared for its lifetime, and its session's original exclusively. So a process that holds a
// session knows that all leases in it are dead, and one that holds a root exclusively knows that no
// other process is using it.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <optional>

#include "base/file.h"
#include "base/result.h"

namespace gnosis {

enum class LockKind { kShared, kAlone };

// Called repeatedly while waiting for a lock; determines the polling interval. Its error ends the
// waiting.
using KeepWaiting = std::function<Status()>;

class FolderLock {
 public:
  // Nothing: another process holds it. Does not wait.
  static Result<std::optional<FolderLock>> Try(const std::filesystem::path& path, LockKind kind);
  static Result<FolderLock> WaitFor(const std::filesystem::path& path, LockKind kind,
                                    const KeepWaiting& keep_waiting);

 private:
  explicit FolderLock(FileDescriptor file) : file_(std::move(file)) {}
  FileDescriptor file_;
};

// Opens the file of this name for writing and locks it exclusively; creates it if it is missing.
// Nothing: another process holds it. If the name was removed and created again meanwhile, the
// result is the file that has it now.
Result<std::optional<FileDescriptor>> TryLockByName(const std::filesystem::path& path, mode_t mode);

// A lock on a name that need not exist: a file is created for the lock and removed with it. A file
// left behind by a crash is reused.
class NameLock {
 public:
  // Nothing: it is held already, perhaps by this process.
  static Result<std::optional<NameLock>> Try(const std::filesystem::path& path);
  NameLock(NameLock&&) = default;
  NameLock& operator=(NameLock&&) = delete;
  ~NameLock();

 private:
  NameLock(FileDescriptor file, std::filesystem::path path)
      : file_(std::move(file)), path_(std::move(path)) {}
  FileDescriptor file_;
  std::filesystem::path path_;
};

}  // namespace gnosis
