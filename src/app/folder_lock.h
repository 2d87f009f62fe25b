// Who may believe that nobody else is at work: flock() on a folder or file, freed by the operating
// system when the process ends, however it ends.
//
// The service holds its data folder's lock alone; each `ocr` or `resume` holds its root's lock
// shared for as long as it lives, and its session's original alone. So whoever holds a session
// knows that every lease in it is dead, and whoever holds a root alone that nothing in it is under
// way.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <optional>

#include "base/file.h"
#include "base/result.h"

namespace gnosis {

enum class LockKind { kShared, kAlone };

// Asked again and again while a lock is waited for; paces the asking. Its error ends the waiting.
using KeepWaiting = std::function<Status()>;

class FolderLock {
 public:
  // Nothing: somebody else holds it. Does not wait.
  static Result<std::optional<FolderLock>> Try(const std::filesystem::path& path, LockKind kind);
  static Result<FolderLock> WaitFor(const std::filesystem::path& path, LockKind kind,
                                    const KeepWaiting& keep_waiting);

 private:
  explicit FolderLock(FileDescriptor file) : file_(std::move(file)) {}
  FileDescriptor file_;
};

// The file of this name, opened for writing and locked alone; made when it is missing. Nothing:
// somebody else holds it. The name may have been given away and made anew meanwhile: what is
// returned is the file that has it now.
Result<std::optional<FileDescriptor>> TryLockByName(const std::filesystem::path& path, mode_t mode);

// A lock on a name that needs nothing to be there: a file is made for it and goes with it. One that
// a crash left behind is taken over.
class NameLock {
 public:
  // Nothing: somebody else, perhaps in this process, holds it.
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
