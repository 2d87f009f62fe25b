// The interface to the file system under the disk store: just the steps whose order decides what
// survives a power loss. The real one makes system calls; the model in disk_model.h loses power.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/result.h"

namespace gnosis {

struct DiskFileInfo {
  uint64_t size_bytes = 0;
  int64_t mtime_ns = 0;  // since 1970
};

struct DiskContent {
  std::string bytes;
  int64_t mtime_ns = 0;
};

// A new file that nobody else sees until it is renamed.
class DiskFile {
 public:
  virtual ~DiskFile() = default;
  virtual Status Append(std::string_view bytes) = 0;
  // The time that the file system stored: some round down, by up to 2 s.
  virtual Result<int64_t> SetMtime(int64_t mtime_ns) = 0;
  virtual Status Sync() = 0;  // fsync: bytes and mtime survive a power loss afterwards
};

// A folder, opened once for all the steps of a write. Opened, perhaps locked, then closed by the
// destructor, which also releases the lock. If the folder is removed meanwhile, all further steps
// in it are kNotFound, even if a new one takes its name.
class DiskFolder {
 public:
  virtual ~DiskFolder() = default;
  // Waits until no other DiskFolder on the same folder, of any thread or process, holds the lock.
  virtual Status Lock() = 0;
  virtual Result<std::unique_ptr<DiskFile>> Create(const std::string& name) = 0;  // must be new
  virtual Result<DiskFileInfo> Stat(const std::string& name) = 0;  // a folder is kNotFound
  virtual Status Rename(const std::string& from, const std::string& to) = 0;
  virtual Status Remove(const std::string& name) = 0;      // absent is ok
  virtual Status MakeFolder(const std::string& name) = 0;  // existing is ok
  virtual Status Sync() = 0;  // creations, renames and removals in it survive
};

class Disk {
 public:
  virtual ~Disk() = default;
  // These three give kNotFound for a folder.
  virtual Result<DiskContent> Read(const std::string& path) = 0;
  virtual Result<FileDescriptor> Open(const std::string& path) = 0;
  virtual Result<DiskFileInfo> Stat(const std::string& path) = 0;

  virtual Result<std::unique_ptr<DiskFolder>> OpenFolder(const std::string& path) = 0;
  // With everything in it; absent is ok. Permanent only once the parent is synced.
  virtual Status RemoveFolder(const std::string& path) = 0;
  struct Entry {
    std::string name;
    bool is_folder = false;
  };
  // Files and folders, in no particular order; links count as what they point to.
  virtual Result<std::vector<Entry>> List(const std::string& path) = 0;
  virtual int64_t NowNs() = 0;
};

std::unique_ptr<Disk> NewPosixDisk();

}  // namespace gnosis
