#include "child/file_table.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>

namespace gnosis {
namespace {

// Tesseract writes debug output there.
constexpr const char* kNowhere = "/dev/null";
// How many files a document may have open at the same time.
constexpr int kOpenAtOnce = 64;

// Returns -errno instead of setting errno, as the handler must.
long Raw(long result) { return result < 0 ? -errno : result; }

Result<FileDescriptor> OpenHigh(const std::string& path, int flags) {
  const FileDescriptor low(::open(path.c_str(), flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  if (!low.valid()) return ErrnoError(errno, path);
  FileDescriptor high(::fcntl(low.get(), F_DUPFD_CLOEXEC, kFirstTableFile));
  if (!high.valid()) return ErrnoError(errno, path);
  return high;
}

// Raises the limit so that the whole table fits.
Status AllowDescriptors(size_t count) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return ErrnoError(errno, "RLIMIT_NOFILE");
  if (limit.rlim_cur >= count) return Ok();
  if (limit.rlim_max < count) {
    return Error{ErrorCode::kIo,
                 fmt::format("{} fonts, character maps and models are installed, but only {} files "
                             "may be open",
                             count, limit.rlim_max),
                 "raise the limit (ulimit -n, LimitNOFILE), or install fewer fonts"};
  }
  limit.rlim_cur = count;
  if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) return ErrnoError(errno, "RLIMIT_NOFILE");
  return Ok();
}

}  // namespace

FileTable::FileTable(std::vector<Entry> entries, int descriptor_limit)
    : entries_(std::move(entries)), positions_(size_t(descriptor_limit)) {}

Result<std::unique_ptr<FileTable>> FileTable::Open(std::vector<std::string> paths) {
  paths.emplace_back(kNowhere);
  std::sort(paths.begin(), paths.end());
  paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
  RETURN_IF_ERROR(AllowDescriptors(kFirstTableFile + paths.size() + kOpenAtOnce));
  std::vector<Entry> entries;
  int highest = kFirstTableFile;
  for (std::string& path : paths) {
    const bool writable = path == kNowhere;
    auto file = OpenHigh(path, writable ? O_RDWR : O_RDONLY);
    if (!file.ok()) continue;
    highest = std::max(highest, file->get());
    entries.push_back(Entry{std::move(path), *std::move(file), writable});
  }
  return std::unique_ptr<FileTable>(new FileTable(std::move(entries), highest + kOpenAtOnce));
}

// No allocation below this line: the following runs in a signal handler.

const FileTable::Entry* FileTable::Find(const char* path) const {
  size_t first = 0;
  size_t count = entries_.size();
  while (count > 0) {
    const size_t middle = first + count / 2;
    const int order = std::strcmp(entries_[middle].path.c_str(), path);
    if (order == 0) return &entries_[middle];
    if (order < 0) {
      count -= middle + 1 - first;
      first = middle + 1;
    } else {
      count = middle - first;
    }
  }
  return nullptr;
}

long FileTable::OpenFile(const char* path, int flags) const {
  const Entry* entry = Find(path);
  if (entry == nullptr) return -ENOENT;
  if ((flags & O_DIRECTORY) != 0) return -ENOTDIR;
  if ((flags & O_ACCMODE) != O_RDONLY && !entry->writable) return -EACCES;
  const int file = ::fcntl(entry->file.get(), F_DUPFD_CLOEXEC, kFirstTableFile);
  if (file < 0) return -errno;
  positions_[size_t(file)] = 0;
  return file;
}

long FileTable::Describe(const char* path, void* kernel_stat) const {
  const Entry* entry = Find(path);
  if (entry == nullptr) return -ENOENT;
  return Raw(::syscall(SYS_fstat, entry->file.get(), kernel_stat));
}

long FileTable::Access(const char* path, int mode) const {
  const Entry* entry = Find(path);
  if (entry == nullptr) return -ENOENT;
  return (mode & (W_OK | X_OK)) == 0 || entry->writable ? 0 : -EACCES;
}

long FileTable::ReadFile(int file, void* to, size_t size_bytes) {
  if (!IsTableFile(file)) return -EBADF;
  const ssize_t got = ::pread(file, to, size_bytes, positions_[size_t(file)]);
  if (got < 0) return -errno;
  positions_[size_t(file)] += got;
  return got;
}

long FileTable::Seek(int file, off_t offset, int whence) {
  if (!IsTableFile(file)) return -EBADF;
  off_t from = 0;
  if (whence == SEEK_CUR) from = positions_[size_t(file)];
  if (whence == SEEK_END) {
    struct stat info {};
    if (::syscall(SYS_fstat, file, &info) < 0) return -errno;
    from = info.st_size;
  }
  if (whence != SEEK_SET && whence != SEEK_CUR && whence != SEEK_END) return -EINVAL;
  if (offset > std::numeric_limits<off_t>::max() - from || from + offset < 0) return -EINVAL;
  positions_[size_t(file)] = from + offset;
  return from + offset;
}

}  // namespace gnosis
