#include "session/disk.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <filesystem>

namespace gnosis {
namespace {

constexpr int64_t kNsPerSecond = 1'000'000'000;
constexpr int64_t kYear2200Seconds = 7'258'118'400;  // keeps nanoseconds well inside int64_t
constexpr uint64_t kReadLimitBytes = uint64_t{1} << 31;
// Documents are private: only the owner may read them.
constexpr mode_t kFileMode = 0600;
constexpr mode_t kFolderMode = 0700;

int64_t ToNs(const timespec& time) {
  return std::clamp<int64_t>(time.tv_sec, 0, kYear2200Seconds) * kNsPerSecond + time.tv_nsec;
}

DiskFileInfo InfoOf(const struct stat& info) {
  return DiskFileInfo{uint64_t(info.st_size), ToNs(info.st_mtim)};
}

std::string InFolder(const std::string& folder, const std::string& name) {
  return folder + "/" + name;
}

Error NotAFile(const std::string& path) {
  return Error{ErrorCode::kNotFound, path + " is not a file", ""};
}

class PosixFile final : public DiskFile {
 public:
  PosixFile(FileDescriptor file, std::string path)
      : file_(std::move(file)), path_(std::move(path)) {}

  Status Append(std::string_view bytes) override {
    const Status status = WriteAll(file_, bytes);
    return status.ok() ? status : status.error().Context(path_);
  }

  Result<int64_t> SetMtime(int64_t mtime_ns) override {
    const timespec time{time_t(mtime_ns / kNsPerSecond), long(mtime_ns % kNsPerSecond)};
    const timespec access_and_change[2] = {time, time};
    struct stat info {};
    if (::futimens(file_.get(), access_and_change) != 0 || ::fstat(file_.get(), &info) != 0) {
      return ErrnoError(errno, path_ + ": cannot set its modification time");
    }
    return ToNs(info.st_mtim);
  }

  Status Sync() override {
    if (::fsync(file_.get()) != 0) return ErrnoError(errno, path_ + ": cannot sync");
    return Ok();
  }

 private:
  const FileDescriptor file_;
  const std::string path_;
};

class PosixFolder final : public DiskFolder {
 public:
  PosixFolder(FileDescriptor folder, std::string path)
      : folder_(std::move(folder)), path_(std::move(path)) {}

  Status Lock() override {
    while (::flock(folder_.get(), LOCK_EX) != 0) {
      if (errno == EINTR) continue;
      Error error = ErrnoError(errno, path_ + ": cannot lock the folder");
      error.hint = "keep the data folder on a file system of this machine, not on a network one";
      return error;
    }
    return Ok();
  }

  Result<std::unique_ptr<DiskFile>> Create(const std::string& name) override {
    constexpr int kFlags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
    FileDescriptor file(::openat(folder_.get(), name.c_str(), kFlags, kFileMode));
    if (!file.valid()) return ErrnoError(errno, InFolder(path_, name));
    return std::unique_ptr<DiskFile>(
        std::make_unique<PosixFile>(std::move(file), InFolder(path_, name)));
  }

  Result<DiskFileInfo> Stat(const std::string& name) override {
    struct stat info {};
    if (::fstatat(folder_.get(), name.c_str(), &info, 0) != 0) {
      return ErrnoError(errno, InFolder(path_, name));
    }
    if (!S_ISREG(info.st_mode)) return NotAFile(InFolder(path_, name));
    return InfoOf(info);
  }

  Status Rename(const std::string& from, const std::string& to) override {
    if (::renameat(folder_.get(), from.c_str(), folder_.get(), to.c_str()) == 0) return Ok();
    return ErrnoError(errno, InFolder(path_, to) + ": cannot move the new file into place");
  }

  Status Remove(const std::string& name) override {
    if (::unlinkat(folder_.get(), name.c_str(), 0) == 0 || errno == ENOENT) return Ok();
    return ErrnoError(errno, InFolder(path_, name) + ": cannot remove");
  }

  Status MakeFolder(const std::string& name) override {
    if (::mkdirat(folder_.get(), name.c_str(), kFolderMode) == 0 || errno == EEXIST) return Ok();
    return ErrnoError(errno, InFolder(path_, name) + ": cannot create the folder");
  }

  Status Sync() override {
    if (::fsync(folder_.get()) != 0) return ErrnoError(errno, path_ + ": cannot sync the folder");
    return Ok();
  }

 private:
  // flock() locks belong to the open descriptor: two threads that opened the folder exclude each
  // other just as two processes do.
  const FileDescriptor folder_;
  const std::string path_;
};

class FolderReader {
 public:
  explicit FolderReader(const std::string& path) : stream_(::opendir(path.c_str())) {}
  ~FolderReader() {
    if (stream_ != nullptr) ::closedir(stream_);
  }
  FolderReader(const FolderReader&) = delete;
  FolderReader& operator=(const FolderReader&) = delete;

  bool opened() const { return stream_ != nullptr; }
  // errno distinguishes the end (0) from a failure.
  const dirent* Next() {
    errno = 0;
    return ::readdir(stream_);
  }
  mode_t TypeOf(const dirent& entry) const {
    if (entry.d_type != DT_UNKNOWN && entry.d_type != DT_LNK) return DTTOIF(entry.d_type);
    struct stat info {};
    if (::fstatat(::dirfd(stream_), entry.d_name, &info, 0) != 0) return 0;
    return info.st_mode & S_IFMT;
  }

 private:
  DIR* const stream_;
};

bool IsDotOrDotDot(std::string_view name) { return name == "." || name == ".."; }

class PosixDisk final : public Disk {
 public:
  Result<DiskContent> Read(const std::string& path) override {
    ASSIGN_OR_RETURN(const FileDescriptor file, OpenForReading(path));
    ASSIGN_OR_RETURN(const DiskFileInfo info, StatDescriptor(file, path));
    auto bytes = ReadDescriptor(file, kReadLimitBytes);
    if (!bytes.ok()) return bytes.error().Context(path);
    return DiskContent{*std::move(bytes), info.mtime_ns};
  }

  Result<FileDescriptor> Open(const std::string& path) override {
    ASSIGN_OR_RETURN(FileDescriptor file, OpenForReading(path));
    ASSIGN_OR_RETURN([[maybe_unused]] const DiskFileInfo info, StatDescriptor(file, path));
    return file;
  }

  Result<DiskFileInfo> Stat(const std::string& path) override {
    struct stat info {};
    if (::stat(path.c_str(), &info) != 0) return ErrnoError(errno, path);
    if (!S_ISREG(info.st_mode)) return NotAFile(path);
    return InfoOf(info);
  }

  Result<std::unique_ptr<DiskFolder>> OpenFolder(const std::string& path) override {
    FileDescriptor folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!folder.valid()) return ErrnoError(errno, path);
    return std::unique_ptr<DiskFolder>(std::make_unique<PosixFolder>(std::move(folder), path));
  }

  Status RemoveFolder(const std::string& path) override {
    // Another process may add files while we remove them, rename one between our listing and its
    // removal, or remove the same folder.
    constexpr int kTries = 100;
    std::error_code error;
    for (int i = 0; i < kTries; ++i) {
      std::filesystem::remove_all(path, error);
      if (error != std::errc::directory_not_empty &&
          error != std::errc::no_such_file_or_directory) {
        break;
      }
    }
    if (error == std::errc::no_such_file_or_directory) {
      return Error{ErrorCode::kIo, path + ": other processes keep changing it during removal", ""};
    }
    if (error) return ErrnoError(error.value(), path + ": cannot remove the folder");
    return Ok();
  }

  Result<std::vector<Entry>> List(const std::string& path) override {
    FolderReader reader(path);
    if (!reader.opened()) return ErrnoError(errno, path);
    std::vector<Entry> entries;
    while (const dirent* entry = reader.Next()) {
      const mode_t type = reader.TypeOf(*entry);
      if ((type != S_IFREG && type != S_IFDIR) || IsDotOrDotDot(entry->d_name)) continue;
      entries.push_back(Entry{entry->d_name, type == S_IFDIR});
    }
    if (errno != 0) return ErrnoError(errno, path + ": cannot list");
    return entries;
  }

  int64_t NowNs() override {
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME, &now);
    return ToNs(now);
  }

 private:
  static Result<DiskFileInfo> StatDescriptor(const FileDescriptor& file, const std::string& path) {
    struct stat info {};
    if (::fstat(file.get(), &info) != 0) return ErrnoError(errno, path);
    if (!S_ISREG(info.st_mode)) return NotAFile(path);
    return InfoOf(info);
  }
};

}  // namespace

std::unique_ptr<Disk> NewPosixDisk() { return std::make_unique<PosixDisk>(); }

}  // namespace gnosis
