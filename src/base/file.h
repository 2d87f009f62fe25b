// Files as values: a descriptor that closes itself, and whole-file reads.
// Durable writes belong to the object store (session/), not here.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace gnosis {

// Owns one file descriptor. -1 is "none".
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(other.Release()) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    if (this != &other) Reset(other.Release());
    return *this;
  }
  ~FileDescriptor() { Reset(-1); }

  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }
  int Release() {
    const int fd = fd_;
    fd_ = -1;
    return fd;
  }
  void Reset(int fd);
  Result<FileDescriptor> Duplicate() const;

 private:
  int fd_ = -1;
};

// Opened for reading, close-on-exec.
Result<FileDescriptor> OpenForReading(const std::filesystem::path& path);
// At most `limit_bytes`; a larger file is kTooLarge.
Result<std::string> ReadFile(const std::filesystem::path& path,
                             uint64_t limit_bytes = uint64_t{1} << 31);
// From the descriptor's start, by pread; the descriptor's own offset does not move.
Result<std::string> ReadDescriptor(const FileDescriptor& file, uint64_t limit_bytes);
// All of the file from its start, in pieces of at most 1 MiB; an error from `take` stops it.
Status ForEachPiece(const FileDescriptor& file,
                    const std::function<Status(std::string_view)>& take);
Result<uint64_t> FileSize(const FileDescriptor& file);
// All of `bytes`, continuing after short writes and EINTR.
Status WriteAll(const FileDescriptor& file, std::string_view bytes);

// A new folder under the system's temporary folder, removed with its contents by the destructor.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace gnosis
