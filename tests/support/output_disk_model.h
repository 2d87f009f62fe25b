// For tests: a disk under `ocr -o` in memory, whose calls fail when told to and that loses power.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "app/output_disk.h"
#include "base/hash.h"

namespace gnosis {

// Counts the steps of everything that shares it. One of them fails: alone, or with all that follow
// when the process dies in it or loses a permission.
struct Fault {
  enum class Kind { kDiskFull, kIo, kPermission, kDeath };
  Kind kind = Kind::kIo;
  int at = -1;  // never
  int steps = 0;
  bool stays = false;

  Status Step() {
    const bool now = steps++ == at;
    if (now) stays = kind == Kind::kDeath || kind == Kind::kPermission;
    if (!now && !stays) return Ok();
    const ErrorCode code = kind == Kind::kDiskFull     ? ErrorCode::kDiskFull
                           : kind == Kind::kPermission ? ErrorCode::kPermission
                                                       : ErrorCode::kIo;
    return Error{code, "the fault of step " + std::to_string(steps - 1), ""};
  }
};

class OutputDiskModel final : public OutputDisk {
 public:
  using Path = std::filesystem::path;
  explicit OutputDiskModel(Fault& fault) : fault_(fault) {}

  // What can be seen now. Nothing: there is no such file.
  std::optional<std::string> Read(const Path& path) const {
    const auto found = files_.find(path);
    return found == files_.end() ? std::nullopt : std::optional(found->second->bytes);
  }
  void PutForGood(const Path& path, const std::string& bytes) {
    for (Path folder = path.parent_path(); folder != "/"; folder = folder.parent_path()) {
      folders_.insert(folder);
    }
    files_[path] = std::make_shared<File>(File{bytes, bytes});
    files_for_good_ = files_;
    folders_for_good_ = folders_;
  }
  void PutUnsynced(const Path& path, const std::string& bytes) {
    PutForGood(path, "");
    files_.at(path)->bytes = bytes;
  }
  bool HasParts() const {
    return std::any_of(files_.begin(), files_.end(),
                       [](const auto& file) { return file.first.extension() == ".part"; });
  }
  // Names and bytes that were not synced may be lost, independently of each other.
  enum class Unsynced { kKept, kLost };
  void LosePower(Unsynced names, Unsynced bytes) {
    if (names == Unsynced::kLost) {
      files_ = files_for_good_;
      folders_ = folders_for_good_;
      // A folder that is lost takes everything in it along.
      std::erase_if(folders_, [&](const Path& folder) { return !IsWithinFolders(folder); });
      std::erase_if(files_, [&](const auto& file) { return !IsWithinFolders(file.first); });
    }
    for (auto& [path, file] : files_) {
      if (bytes == Unsynced::kLost) file->bytes = file->synced_bytes;
    }
  }

  Result<Entry> Look(const Path& path) override {
    RETURN_IF_ERROR(fault_.Step());
    if (files_.contains(path)) return Entry::kFile;
    return path == "/" || folders_.contains(path) ? Entry::kFolder : Entry::kNothing;
  }
  Result<std::string> Sha256(const Path& path) override {
    RETURN_IF_ERROR(fault_.Step());
    return Sha256Hex(files_.at(path)->bytes);
  }
  Status MakeFolder(const Path& folder) override {
    RETURN_IF_ERROR(fault_.Step());
    folders_.insert(folder);
    return Ok();
  }
  Status MayWriteInto(const Path&) override { return fault_.Step(); }
  Result<std::unique_ptr<PartFile>> StartPart(const Path& part) override {
    RETURN_IF_ERROR(fault_.Step());
    auto& file = files_[part];
    if (!file) file = std::make_shared<File>();
    file->bytes.clear();
    return std::unique_ptr<PartFile>(std::make_unique<Part>(fault_, file));
  }
  Status Publish(const Path& part, const Path& target) override {
    RETURN_IF_ERROR(fault_.Step());
    if (before_publish) before_publish();
    if (!files_.contains(target)) return Move(part, target);
    return Error{ErrorCode::kPreconditionFailed, target.string() + " exists already", ""};
  }
  Status Replace(const Path& part, const Path& target) override {
    RETURN_IF_ERROR(fault_.Step());
    return Move(part, target);
  }
  Status Remove(const Path& file) override {
    RETURN_IF_ERROR(fault_.Step());
    files_.erase(file);
    return Ok();
  }
  Status SyncFile(const Path& file) override {
    RETURN_IF_ERROR(fault_.Step());
    files_.at(file)->synced_bytes = files_.at(file)->bytes;
    return Ok();
  }
  Status SyncFolder(const Path& folder) override {
    RETURN_IF_ERROR(fault_.Step());
    std::erase_if(files_for_good_,
                  [&](const auto& file) { return file.first.parent_path() == folder; });
    for (const auto& [path, file] : files_) {
      if (path.parent_path() == folder) files_for_good_[path] = file;
    }
    for (const Path& path : folders_) {
      if (path.parent_path() == folder) folders_for_good_.insert(path);
    }
    return Ok();
  }

  std::function<void()> before_publish;  // somebody who is faster

 private:
  struct File {
    std::string bytes;
    std::string synced_bytes;
  };
  class Part final : public PartFile {
   public:
    Part(Fault& fault, std::shared_ptr<File> file) : fault_(fault), file_(std::move(file)) {}
    Status Append(std::string_view bytes) override {
      const Status step = fault_.Step();
      file_->bytes += step.ok() ? bytes : bytes.substr(0, bytes.size() / 2);
      return step;
    }
    Status Sync() override {
      RETURN_IF_ERROR(fault_.Step());
      file_->synced_bytes = file_->bytes;
      return Ok();
    }

   private:
    Fault& fault_;
    const std::shared_ptr<File> file_;
  };

  bool IsWithinFolders(const Path& path) const {
    const Path folder = path.parent_path();
    return folder == "/" || (folders_.contains(folder) && IsWithinFolders(folder));
  }
  Status Move(const Path& part, const Path& target) {
    files_[target] = files_.at(part);
    files_.erase(part);
    return Ok();
  }

  Fault& fault_;
  std::map<Path, std::shared_ptr<File>> files_, files_for_good_;
  std::set<Path> folders_, folders_for_good_;
};

}  // namespace gnosis
