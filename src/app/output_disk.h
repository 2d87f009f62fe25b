// The interface to the file system for `ocr -o`: just the steps whose order decides what is lost if
// the disk is full, the power fails or another process works in the same folder. All errors are
// about the output (kDiskFull, kPermission, kIo); never kNotFound, which callers would take for a
// missing input.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace gnosis {

// A result being written, under a separate name until it is complete. No other writer, in any
// process, uses the same name until this object is destroyed.
class PartFile {
 public:
  virtual ~PartFile() = default;
  virtual Status Append(std::string_view bytes) = 0;
  virtual Status Sync() = 0;
};

class OutputDisk {
 public:
  virtual ~OutputDisk() = default;

  enum class Entry { kNothing, kFile, kFolder, kOther };
  // A link to a file is kFile, a broken link kOther.
  virtual Result<Entry> Look(const std::filesystem::path& path) = 0;
  virtual Result<std::string> Sha256(const std::filesystem::path& file) = 0;
  virtual Status MakeFolder(const std::filesystem::path& folder) = 0;  // existing is ok
  virtual Status MayWriteInto(const std::filesystem::path& folder) = 0;

  // Empty, even if a crash left a file of this name. Waits a while for another process that is
  // writing it.
  virtual Result<std::unique_ptr<PartFile>> StartPart(const std::filesystem::path& part) = 0;
  // Renames the part to `target`, atomically. kPreconditionFailed: `target` already exists.
  virtual Status Publish(const std::filesystem::path& part,
                         const std::filesystem::path& target) = 0;
  virtual Status Replace(const std::filesystem::path& part,
                         const std::filesystem::path& target) = 0;
  virtual Status Remove(const std::filesystem::path& file) = 0;  // absent is ok

  // Afterwards the file's content, or the folder's entries, survive a power loss.
  virtual Status SyncFile(const std::filesystem::path& file) = 0;
  virtual Status SyncFolder(const std::filesystem::path& folder) = 0;
};

std::unique_ptr<OutputDisk> NewOutputDisk();

}  // namespace gnosis
