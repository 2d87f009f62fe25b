#include "app/output_disk.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <thread>
#include <utility>

#include "app/folder_lock.h"
#include "base/file.h"
#include "base/hash.h"

namespace gnosis {
namespace {

using Path = std::filesystem::path;

constexpr std::chrono::milliseconds kAskAgainAfter{20};
constexpr int kAskPartTimes = 3000;  // one minute: enough to write the largest results

Error OutputError(Error error) {
  if (error.code == ErrorCode::kNotFound) error.code = ErrorCode::kIo;
  return error;
}

Error OutputErrno(int error_number, const std::string& what) {
  return OutputError(ErrnoError(error_number, what));
}

Result<FileDescriptor> OpenNamed(const Path& path, int flags) {
  FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | flags));
  if (file.valid()) return file;
  return OutputErrno(errno, path.string());
}

Status SyncNamed(const Path& path, int flags) {
  ASSIGN_OR_RETURN(const FileDescriptor file, OpenNamed(path, flags));
  // EINVAL: some network file systems do not support it for folders; they write immediately.
  if (::fsync(file.get()) == 0 || errno == EINVAL) return Ok();
  return OutputErrno(errno, path.string() + ": cannot sync");
}

class PosixPartFile final : public PartFile {
 public:
  PosixPartFile(FileDescriptor file, Path path) : file_(std::move(file)), path_(std::move(path)) {}
  Status Append(std::string_view bytes) override {
    const Status written = WriteAll(file_, bytes);
    return written.ok() ? Ok() : Status(OutputError(written.error().Context(path_.string())));
  }
  Status Sync() override {
    if (::fsync(file_.get()) == 0) return Ok();
    return OutputErrno(errno, path_.string() + ": cannot sync");
  }

 private:
  const FileDescriptor file_;
  const Path path_;
};

class PosixOutputDisk final : public OutputDisk {
 public:
  Result<Entry> Look(const Path& path) override {
    struct stat info {};
    if (::lstat(path.c_str(), &info) != 0) {
      if (errno == ENOENT) return Entry::kNothing;
      return OutputErrno(errno, path.string());
    }
    if (S_ISLNK(info.st_mode) && ::stat(path.c_str(), &info) != 0) return Entry::kOther;
    if (S_ISREG(info.st_mode)) return Entry::kFile;
    return S_ISDIR(info.st_mode) ? Entry::kFolder : Entry::kOther;
  }

  Result<std::string> Sha256(const Path& path) override {
    ASSIGN_OR_RETURN(const FileDescriptor file, OpenNamed(path, 0));
    auto hash = Sha256OfFile(file);
    if (!hash.ok()) return OutputError(hash.error().Context(path.string()));
    return hash;
  }

  Status MakeFolder(const Path& folder) override {
    if (::mkdir(folder.c_str(), 0777) == 0 || errno == EEXIST) return Ok();
    return OutputErrno(errno, folder.string());
  }

  Status MayWriteInto(const Path& folder) override {
    if (::faccessat(AT_FDCWD, folder.c_str(), W_OK | X_OK, AT_EACCESS) == 0) return Ok();
    return OutputErrno(errno, folder.string());
  }

  Result<std::unique_ptr<PartFile>> StartPart(const Path& part) override {
    for (int asked = 0; asked < kAskPartTimes; ++asked) {
      auto file = TryLockByName(part, 0666);
      if (!file.ok()) return OutputError(file.error());
      if (!*file) {
        std::this_thread::sleep_for(kAskAgainAfter);
        continue;
      }
      ASSIGN_OR_RETURN(const bool emptied, Empty(**file, part));
      if (!emptied) continue;
      return std::unique_ptr<PartFile>(std::make_unique<PosixPartFile>(*std::move(*file), part));
    }
    return Error{ErrorCode::kUnavailable,
                 part.string() + ": another gnosis-ocr has been writing this file for a minute",
                 "wait for it to finish, then run the same command again"};
  }

  Status Publish(const Path& part, const Path& target) override {
    if (::renameat2(AT_FDCWD, part.c_str(), AT_FDCWD, target.c_str(), RENAME_NOREPLACE) == 0) {
      return Ok();
    }
    // Network file systems do not support the flag, but they have links.
    if (errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP) {
      if (::link(part.c_str(), target.c_str()) == 0) return Remove(part);
    }
    if (errno == EEXIST) {
      return Error{ErrorCode::kPreconditionFailed, target.string() + " already exists", ""};
    }
    return OutputErrno(errno, target.string());
  }

  Status Replace(const Path& part, const Path& target) override {
    if (::rename(part.c_str(), target.c_str()) == 0) return Ok();
    return OutputErrno(errno, target.string());
  }

  Status Remove(const Path& file) override {
    if (::unlink(file.c_str()) == 0 || errno == ENOENT) return Ok();
    return OutputErrno(errno, file.string() + ": cannot remove");
  }

  Status SyncFile(const Path& file) override { return SyncNamed(file, 0); }
  Status SyncFolder(const Path& folder) override { return SyncNamed(folder, O_DIRECTORY); }

 private:
  // False: the process died between link() and unlink() and left a second name of a finished
  // result, which must not be emptied; that name has now been removed.
  static Result<bool> Empty(const FileDescriptor& file, const Path& part) {
    struct stat info {};
    if (::fstat(file.get(), &info) != 0) return OutputErrno(errno, part.string());
    if (info.st_nlink > 1) {
      if (::unlink(part.c_str()) != 0) return OutputErrno(errno, part.string());
      return false;
    }
    if (::ftruncate(file.get(), 0) != 0) return OutputErrno(errno, part.string());
    return true;
  }
};

}  // namespace

std::unique_ptr<OutputDisk> NewOutputDisk() { return std::make_unique<PosixOutputDisk>(); }

}  // namespace gnosis
