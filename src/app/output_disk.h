// The seam to the file system under `ocr -o`: just the steps whose order decides what is lost when
// the disk is full, the power fails or another process is at work in the same folder. Every error
// is one of the output (kDiskFull, kPermission, kIo); kNotFound is none of them, because to callers
// that would be a missing input.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace gnosis {

// A result on its way: under a name of its own until it is whole. Nobody else, of any process, has
// the same one until this object is gone.
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
  // A link to a file is kFile, one to nowhere kOther.
  virtual Result<Entry> Look(const std::filesystem::path& path) = 0;
  virtual Result<std::string> Sha256(const std::filesystem::path& file) = 0;
  virtual Status MakeFolder(const std::filesystem::path& folder) = 0;  // existing is ok
  virtual Status MayWriteInto(const std::filesystem::path& folder) = 0;

  // Empty, whatever a crash left under this name. Waits a while for another process that writes it.
  virtual Result<std::unique_ptr<PartFile>> StartPart(const std::filesystem::path& part) = 0;
  // The part's name becomes `target`, in one step. kPreconditionFailed: there is something already.
  virtual Status Publish(const std::filesystem::path& part,
                         const std::filesystem::path& target) = 0;
  virtual Status Replace(const std::filesystem::path& part,
                         const std::filesystem::path& target) = 0;
  virtual Status Remove(const std::filesystem::path& file) = 0;  // absent is ok

  // What is in the file, and what is named in the folder, survive a power loss afterwards.
  virtual Status SyncFile(const std::filesystem::path& file) = 0;
  virtual Status SyncFolder(const std::filesystem::path& folder) = 0;
};

std::unique_ptr<OutputDisk> NewOutputDisk();

}  // namespace gnosis
