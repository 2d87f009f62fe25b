#include "app/folder_lock.h"

#include <sys/file.h>

#include <cerrno>
#include <utility>

namespace gnosis {

Result<std::optional<FolderLock>> FolderLock::Try(const std::filesystem::path& path,
                                                  LockKind kind) {
  ASSIGN_OR_RETURN(FileDescriptor file, OpenForReading(path));
  const int mode = kind == LockKind::kShared ? LOCK_SH : LOCK_EX;
  if (::flock(file.get(), mode | LOCK_NB) == 0) {
    return std::optional<FolderLock>(FolderLock(std::move(file)));
  }
  if (errno == EWOULDBLOCK) return std::optional<FolderLock>();
  return ErrnoError(errno, path.string());
}

}  // namespace gnosis
