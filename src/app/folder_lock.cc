#include "app/folder_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace gnosis {
namespace {

enum class Attempt { kLocked, kHeldBySomebody };

Result<Attempt> TryFlock(const FileDescriptor& file, int mode, const std::filesystem::path& path) {
  if (::flock(file.get(), mode | LOCK_NB) == 0) return Attempt::kLocked;
  if (errno == EWOULDBLOCK) return Attempt::kHeldBySomebody;
  return ErrnoError(errno, path.string() + ": cannot lock");
}

// Whether the name still refers to the opened file.
bool StillHasName(const FileDescriptor& file, const std::filesystem::path& path) {
  struct stat opened {};
  struct stat named {};
  return ::fstat(file.get(), &opened) == 0 && ::lstat(path.c_str(), &named) == 0 &&
         opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

}  // namespace

Result<std::optional<FolderLock>> FolderLock::Try(const std::filesystem::path& path,
                                                  LockKind kind) {
  ASSIGN_OR_RETURN(FileDescriptor file, OpenForReading(path));
  const int mode = kind == LockKind::kShared ? LOCK_SH : LOCK_EX;
  ASSIGN_OR_RETURN(const Attempt attempt, TryFlock(file, mode, path));
  if (attempt == Attempt::kLocked) return std::optional<FolderLock>(FolderLock(std::move(file)));
  return std::optional<FolderLock>();
}

Result<FolderLock> FolderLock::WaitFor(const std::filesystem::path& path, LockKind kind,
                                       const KeepWaiting& keep_waiting) {
  while (true) {
    ASSIGN_OR_RETURN(auto lock, Try(path, kind));
    if (lock) return *std::move(lock);
    RETURN_IF_ERROR(keep_waiting());
  }
}

Result<std::optional<FileDescriptor>> TryLockByName(const std::filesystem::path& path,
                                                    mode_t mode) {
  // Each round without a result means that another process took the lock first and removed the
  // name.
  constexpr int kRounds = 1000;
  for (int round = 0; round < kRounds; ++round) {
    // Not O_TRUNC: until it is locked the file may belong to another process.
    FileDescriptor file(
        ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, mode));
    if (!file.valid()) return ErrnoError(errno, path.string());
    ASSIGN_OR_RETURN(const Attempt attempt, TryFlock(file, LOCK_EX, path));
    if (attempt == Attempt::kHeldBySomebody) return std::optional<FileDescriptor>();
    if (StillHasName(file, path)) return std::optional(std::move(file));
  }
  return std::optional<FileDescriptor>();
}

Result<std::optional<NameLock>> NameLock::Try(const std::filesystem::path& path) {
  ASSIGN_OR_RETURN(auto file, TryLockByName(path, 0600));
  if (!file) return std::optional<NameLock>();
  return std::optional<NameLock>(NameLock(*std::move(file), path));
}

NameLock::~NameLock() {
  // While the lock is still held: a process waiting for this file will find that its name is gone.
  if (file_.valid()) ::unlink(path_.c_str());
}

}  // namespace gnosis
