#include "session/disk_store.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/id.h"

namespace gnosis {
namespace {

constexpr std::string_view kTemporaryPrefix = ".tmp-";
constexpr int kTemporaryDigits = 16;
constexpr int64_t kCoarsestTimestampNs = 2'000'000'000;  // FAT

bool IsTemporary(std::string_view name) { return name.starts_with(kTemporaryPrefix); }

bool IsGoodName(std::string_view name) {
  return !name.empty() && name != "." && name != ".." && !IsTemporary(name) &&
         name.find('\0') == std::string_view::npos;
}

bool IsGoodKey(std::string_view key) {
  for (size_t begin = 0; begin <= key.size();) {
    const size_t end = std::min(key.find('/', begin), key.size());
    if (!IsGoodName(key.substr(begin, end - begin))) return false;
    begin = end + 1;
  }
  return true;
}

// "" is the root itself.
bool IsGoodFolder(std::string_view folder) {
  return folder.empty() || (folder.back() == '/' && IsGoodKey(folder.substr(0, folder.size() - 1)));
}

// Absolute, so that a later change of the working folder does not matter; no '/' at the end.
std::string NormalRoot(const std::filesystem::path& root) {
  std::error_code error;
  const auto absolute = std::filesystem::absolute(root, error);
  std::string path = (error ? root : absolute).lexically_normal().string();
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

// 0 means that there is no object: a file dated 1970 or before is 1.
Generation GenerationOf(int64_t mtime_ns) { return std::max<Generation>(mtime_ns, 1); }

Result<Generation> CurrentGeneration(DiskFolder& folder, const std::string& name) {
  const auto info = folder.Stat(name);
  if (info.ok()) return GenerationOf(info->mtime_ns);
  if (info.code() == ErrorCode::kNotFound) return kAbsent;
  return info.error();
}

bool Allows(const IfGeneration& if_generation, Generation current) {
  return !if_generation || *if_generation == current;
}

Error Refused(const std::string& key, Generation wanted, Generation current) {
  std::string what;
  if (wanted == kAbsent) {
    what = "already exists";
  } else if (current == kAbsent) {
    what = "no longer exists";
  } else {
    what = fmt::format("was changed by another process (generation {}, not {})", current, wanted);
  }
  return Error{ErrorCode::kPreconditionFailed, key + " " + what, ""};
}

// Where an object is stored.
struct Place {
  std::string folder;  // path
  std::string name;    // in it
};

class DiskWriter final : public ObjectWriter {
 public:
  struct Target {
    std::string key;
    std::string name;
    IfGeneration if_generation;
  };

  DiskWriter(Disk& disk, std::unique_ptr<DiskFolder> folder, Target target)
      : disk_(disk), folder_(std::move(folder)), target_(std::move(target)) {}

  ~DiskWriter() override { Discard(); }

  Status Start() {
    ASSIGN_OR_RETURN(file_, folder_->Create(temporary_));
    return Ok();
  }

  Status Append(std::string_view bytes) override {
    if (state_.ok()) state_ = file_->Append(bytes);
    return state_;
  }

  Result<Generation> Commit() override {
    GNOSIS_CHECK(file_ != nullptr);  // once only
    RETURN_IF_ERROR(state_);
    // The bytes reach the disk before the lock is taken: others wait for a rename, not for them.
    ASSIGN_OR_RETURN(const Generation before, CurrentGeneration(*folder_, target_.name));
    if (Allows(target_.if_generation, before)) RETURN_IF_ERROR(Seal(before));
    RETURN_IF_ERROR(folder_->Lock());
    const Status replaced = Replace();
    Discard();
    folder_.reset();  // releases the lock
    if (!replaced.ok()) return replaced.error();
    return generation_;
  }

 private:
  // Gives the file the generation after `previous` and syncs it.
  Status Seal(Generation previous) {
    ASSIGN_OR_RETURN(generation_, file_->SetMtime(std::max(disk_.NowNs(), previous + 1)));
    if (generation_ <= previous) {  // the file system rounded it down
      ASSIGN_OR_RETURN(generation_, file_->SetMtime(previous + kCoarsestTimestampNs));
    }
    return file_->Sync();
  }

  // Under the lock.
  Status Replace() {
    ASSIGN_OR_RETURN(const Generation current, CurrentGeneration(*folder_, target_.name));
    if (!Allows(target_.if_generation, current)) {
      return Refused(target_.key, *target_.if_generation, current);
    }
    if (generation_ <= current) RETURN_IF_ERROR(Seal(current));
    RETURN_IF_ERROR(folder_->Rename(temporary_, target_.name));
    file_.reset();
    return folder_->Sync();
  }

  void Discard() {
    if (file_ == nullptr) return;
    // If this fails the file stays, unlisted, until RemoveTemporaryFiles.
    (void)folder_->Remove(temporary_);
    file_.reset();
  }

  Disk& disk_;
  std::unique_ptr<DiskFolder> folder_;
  const Target target_;
  const std::string temporary_ = std::string(kTemporaryPrefix) + RandomHex(kTemporaryDigits);
  std::unique_ptr<DiskFile> file_;  // null once it has its final name or is gone
  Status state_;                    // the first failed Append: nothing may be committed then
  Generation generation_ = kAbsent;
};

class DiskStore final : public ObjectStore {
 public:
  DiskStore(std::string root, Disk& disk) : root_(std::move(root)), disk_(disk) {}
  DiskStore(std::string root, std::unique_ptr<Disk> disk)
      : root_(std::move(root)), owned_disk_(std::move(disk)), disk_(*owned_disk_) {}

  Result<Object> Read(const std::string& key) override {
    ASSIGN_OR_RETURN(DiskContent content, disk_.Read(PathOf(key)));
    return Object{std::move(content.bytes), GenerationOf(content.mtime_ns)};
  }

  Result<ObjectInfo> Stat(const std::string& key) override {
    ASSIGN_OR_RETURN(const DiskFileInfo info, disk_.Stat(PathOf(key)));
    return ObjectInfo{info.size_bytes, GenerationOf(info.mtime_ns)};
  }

  Result<FileDescriptor> Open(const std::string& key) override { return disk_.Open(PathOf(key)); }

  Result<Generation> Write(const std::string& key, std::string_view bytes,
                           IfGeneration if_generation) override {
    ASSIGN_OR_RETURN(const auto writer, StartWrite(key, if_generation));
    RETURN_IF_ERROR(writer->Append(bytes));
    return writer->Commit();
  }

  Result<std::unique_ptr<ObjectWriter>> StartWrite(const std::string& key,
                                                   IfGeneration if_generation) override {
    Place place = PlaceOf(key);
    ASSIGN_OR_RETURN(auto folder, OpenOrMakeFolder(place.folder));
    auto writer = std::make_unique<DiskWriter>(
        disk_, std::move(folder), DiskWriter::Target{key, std::move(place.name), if_generation});
    RETURN_IF_ERROR(writer->Start());
    return std::unique_ptr<ObjectWriter>(std::move(writer));
  }

  Result<std::vector<std::string>> List(const std::string& prefix) override {
    const size_t name_at = prefix.rfind('/') + 1;  // npos + 1 is 0
    const std::string folder = prefix.substr(0, name_at);
    const std::string_view name_prefix = std::string_view(prefix).substr(name_at);
    ASSIGN_OR_RETURN(std::vector<std::string> names, NamesIn(folder, EntryKind::kFile));
    std::erase_if(names, [&](const std::string& name) { return !name.starts_with(name_prefix); });
    for (std::string& name : names) name.insert(0, folder);
    return names;
  }

  Result<std::vector<std::string>> ListFolders(const std::string& folder) override {
    ASSIGN_OR_RETURN(std::vector<std::string> names, NamesIn(folder, EntryKind::kFolder));
    for (std::string& name : names) name = folder + name + "/";
    return names;
  }

  Result<uint64_t> SizeOf(const std::string& folder) override {
    return SizeOfFolder(FolderPath(folder));
  }

  Status Delete(const std::string& key, IfGeneration if_generation) override {
    const Place place = PlaceOf(key);
    const auto folder = disk_.OpenFolder(place.folder);
    const Status deleted =
        folder.ok() ? DeleteIn(**folder, key, place.name, if_generation) : Status(folder.error());
    if (deleted.ok() || deleted.code() != ErrorCode::kNotFound) return deleted;
    // There is no such folder, or it was removed just now.
    if (!Allows(if_generation, kAbsent)) return Refused(key, *if_generation, kAbsent);
    return Ok();
  }

  Status DeleteFolder(const std::string& folder) override {
    const std::string path = FolderPath(folder);
    RETURN_IF_ERROR(disk_.RemoveFolder(path));
    const auto parent = disk_.OpenFolder(ParentOf(path));
    if (parent.ok()) return (*parent)->Sync();
    return parent.code() == ErrorCode::kNotFound ? Ok() : Status(parent.error());
  }

 private:
  enum class EntryKind { kFile, kFolder };

  std::string PathOf(const std::string& key) const {
    GNOSIS_CHECK(IsGoodKey(key));
    return root_ + "/" + key;
  }

  Place PlaceOf(const std::string& key) const {
    std::string path = PathOf(key);
    const size_t slash = path.rfind('/');
    std::string name = path.substr(slash + 1);
    path.resize(slash);
    return Place{std::move(path), std::move(name)};
  }

  std::string FolderPath(std::string_view folder) const {
    GNOSIS_CHECK(IsGoodFolder(folder));
    if (folder.empty()) return root_;
    return root_ + "/" + std::string(folder.substr(0, folder.size() - 1));
  }

  static std::string ParentOf(const std::string& path) {
    const size_t slash = path.rfind('/');
    return slash == 0 || slash == std::string::npos ? "/" : path.substr(0, slash);
  }

  // The folder nearly always exists, so this takes one step. A folder that another process just
  // made may not be synced in its parent yet; journaling file systems write it out with our own
  // first fsync in it.
  Result<std::unique_ptr<DiskFolder>> OpenOrMakeFolder(const std::string& path) {
    auto folder = disk_.OpenFolder(path);
    if (folder.ok() || folder.code() != ErrorCode::kNotFound || path == "/") return folder;
    ASSIGN_OR_RETURN(const auto parent, OpenOrMakeFolder(ParentOf(path)));
    RETURN_IF_ERROR(parent->MakeFolder(path.substr(path.rfind('/') + 1)));
    RETURN_IF_ERROR(parent->Sync());
    return disk_.OpenFolder(path);
  }

  Result<uint64_t> SizeOfFolder(const std::string& path) {
    const auto entries = disk_.List(path);
    if (!entries.ok()) {
      if (entries.code() == ErrorCode::kNotFound) return uint64_t{0};
      return entries.error();
    }
    uint64_t size_bytes = 0;
    for (const Disk::Entry& entry : *entries) {
      if (IsTemporary(entry.name)) continue;
      const std::string inside = path + "/" + entry.name;
      if (entry.is_folder) {
        ASSIGN_OR_RETURN(const uint64_t folder_bytes, SizeOfFolder(inside));
        size_bytes += folder_bytes;
        continue;
      }
      const auto info = disk_.Stat(inside);
      if (info.ok()) size_bytes += info->size_bytes;
      if (!info.ok() && info.code() != ErrorCode::kNotFound) return info.error();
    }
    return size_bytes;
  }

  // Sorted; empty when there is no such folder.
  Result<std::vector<std::string>> NamesIn(const std::string& folder, EntryKind kind) {
    auto entries = disk_.List(FolderPath(folder));
    std::vector<std::string> names;
    if (!entries.ok()) {
      if (entries.code() == ErrorCode::kNotFound) return names;
      return entries.error();
    }
    for (Disk::Entry& entry : *entries) {
      if (entry.is_folder != (kind == EntryKind::kFolder) || IsTemporary(entry.name)) continue;
      names.push_back(std::move(entry.name));
    }
    std::sort(names.begin(), names.end());
    return names;
  }

  static Status DeleteIn(DiskFolder& folder, const std::string& key, const std::string& name,
                         IfGeneration if_generation) {
    RETURN_IF_ERROR(folder.Lock());
    ASSIGN_OR_RETURN(const Generation current, CurrentGeneration(folder, name));
    if (!Allows(if_generation, current)) return Refused(key, *if_generation, current);
    if (current != kAbsent) RETURN_IF_ERROR(folder.Remove(name));
    // Also when it was absent: the process that removed it may have died before this step.
    return folder.Sync();
  }

  const std::string root_;
  const std::unique_ptr<Disk> owned_disk_;
  Disk& disk_;
};

Status RemoveTemporaryFilesIn(Disk& disk, const std::string& path) {
  ASSIGN_OR_RETURN(const std::vector<Disk::Entry> entries, disk.List(path));
  ASSIGN_OR_RETURN(const auto folder, disk.OpenFolder(path));
  for (const Disk::Entry& entry : entries) {
    if (entry.is_folder) {
      RETURN_IF_ERROR(RemoveTemporaryFilesIn(disk, path + "/" + entry.name));
    } else if (IsTemporary(entry.name)) {
      RETURN_IF_ERROR(folder->Remove(entry.name));
    }
  }
  return Ok();
}

}  // namespace

std::unique_ptr<ObjectStore> NewDiskStore(const std::filesystem::path& root) {
  return std::make_unique<DiskStore>(NormalRoot(root), NewPosixDisk());
}

std::unique_ptr<ObjectStore> NewDiskStore(const std::filesystem::path& root, Disk& disk) {
  return std::make_unique<DiskStore>(NormalRoot(root), disk);
}

Status RemoveTemporaryFiles(const std::filesystem::path& root, std::string_view folder) {
  return RemoveTemporaryFiles(root, folder, *NewPosixDisk());
}

Status RemoveTemporaryFiles(const std::filesystem::path& root, std::string_view folder,
                            Disk& disk) {
  GNOSIS_CHECK(IsGoodFolder(folder));
  std::string path = NormalRoot(root) + "/" + std::string(folder);
  path.pop_back();
  const Status removed = RemoveTemporaryFilesIn(disk, path);
  return !removed.ok() && removed.code() == ErrorCode::kNotFound ? Ok() : removed;
}

}  // namespace gnosis
