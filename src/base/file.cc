#include "base/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace gnosis {

void FileDescriptor::Reset(int fd) {
  if (fd_ >= 0) ::close(fd_);
  fd_ = fd;
}

Result<FileDescriptor> FileDescriptor::Duplicate() const {
  const int fd = ::fcntl(fd_, F_DUPFD_CLOEXEC, 3);
  if (fd < 0) return ErrnoError(errno, "cannot duplicate a file descriptor");
  return FileDescriptor(fd);
}

Result<FileDescriptor> OpenForReading(const std::filesystem::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return ErrnoError(errno, path.string());
  return FileDescriptor(fd);
}

Result<std::string> ReadFile(const std::filesystem::path& path, uint64_t limit_bytes) {
  ASSIGN_OR_RETURN(const FileDescriptor file, OpenForReading(path));
  auto bytes = ReadDescriptor(file, limit_bytes);
  if (!bytes.ok()) return bytes.error().Context(path.string());
  return bytes;
}

Result<std::string> ReadDescriptor(const FileDescriptor& file, uint64_t limit_bytes) {
  ASSIGN_OR_RETURN(const uint64_t size, FileSize(file));
  std::string bytes;
  // One byte more than stat reported: files in /proc report 0, and a file may grow.
  bytes.resize(size + 1);
  size_t done = 0;
  while (true) {
    if (done > limit_bytes) {
      return Error{ErrorCode::kTooLarge, fmt::format("more than {} bytes", limit_bytes), ""};
    }
    if (done == bytes.size()) bytes.resize(bytes.size() * 2 + 4096);
    const ssize_t got = ::pread(file.get(), bytes.data() + done, bytes.size() - done, off_t(done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return ErrnoError(errno, "cannot read");
    if (got == 0) break;
    done += size_t(got);
  }
  bytes.resize(done);
  return bytes;
}

Status ForEachPiece(const FileDescriptor& file,
                    const std::function<Status(std::string_view)>& take) {
  std::string piece(size_t{1} << 20, '\0');
  for (off_t offset = 0;;) {
    const ssize_t got = ::pread(file.get(), piece.data(), piece.size(), offset);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return ErrnoError(errno, "cannot read");
    if (got == 0) return Ok();
    RETURN_IF_ERROR(take(std::string_view(piece).substr(0, size_t(got))));
    offset += got;
  }
}

Result<uint64_t> FileSize(const FileDescriptor& file) {
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) return ErrnoError(errno, "cannot stat");
  if (S_ISDIR(info.st_mode)) return Error{ErrorCode::kIo, "is a folder, not a file", ""};
  return uint64_t(info.st_size);
}

Status WriteAll(const FileDescriptor& file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t put = ::write(file.get(), bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return ErrnoError(errno, "cannot write");
    bytes.remove_prefix(size_t(put));
  }
  return Ok();
}

TemporaryFolder::TemporaryFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "gnosis-XXXXXX").string();
  GNOSIS_CHECK(::mkdtemp(pattern.data()) != nullptr);
  path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace gnosis
