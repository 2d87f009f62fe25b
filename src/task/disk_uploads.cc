// Resumable uploads as folders on disk.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <map>
#include <utility>
#include <vector>

#include "base/log.h"
#include "task/disk_append.h"
#include "task/partial_uploads.h"
#include "task/upload_records.h"

namespace gnosis {
namespace {

// An append that has received nothing for this long most likely belongs to a connection that was
// silently cut: a client that reconnects does not have to wait until it times out.
constexpr Seconds kSilence{5};
constexpr Seconds kRemembered{7 * 24 * 3600};

class DiskUploads final : public PartialUploads {
 public:
  DiskUploads(std::filesystem::path root, ObjectStore& store, Clock& clock,
              PartialUploadOptions options)
      : root_(std::move(root)), store_(store), clock_(clock), records_(store, clock, options) {}

  Result<PartialUpload> Create(const UploadWish& wish) override {
    std::lock_guard lock(create_mutex_);
    ASSIGN_OR_RETURN(PartialUpload upload, records_.Begin(wish));
    RETURN_IF_ERROR(records_.Write(upload, kAbsent));
    return upload;
  }

  Result<PartialUpload> Find(const std::string& owner, std::string_view upload_id) override {
    ASSIGN_OR_RETURN(PartialUpload upload, records_.Find(owner, upload_id));
    if (upload.job_id) return upload;
    if (records_.IsExpired(upload)) {
      RETURN_IF_ERROR(DropBytes(upload.key));
      return UploadRecords::Expired();
    }
    ASSIGN_OR_RETURN(upload.offset_bytes, DurableSize(upload.key));
    return upload;
  }

  Result<std::variant<std::unique_ptr<UploadAppend>, Refusal>> StartAppend(
      const PartialUpload& upload, uint64_t offset_bytes,
      const std::optional<Checksum>& checksum) override {
    using Started = std::variant<std::unique_ptr<UploadAppend>, Refusal>;
    std::lock_guard lock(appends_mutex_);
    std::erase_if(appends_, [](const auto& append) { return append.second.expired(); });
    if (const auto under_way = appends_[upload.key].lock()) {
      if (!RevokeIfSilent(*under_way)) return Started(Refusal::kBusy);
    }
    RETURN_IF_ERROR(DropUnverified(upload.key));
    ASSIGN_OR_RETURN(const uint64_t size_bytes, DurableSize(upload.key));
    if (offset_bytes != size_bytes) return Started(Refusal::kWrongOffset);
    auto state = std::make_shared<AppendState>();
    appends_[upload.key] = state;
    auto append = StartDiskAppend(
        store_, clock_, {upload.key, DataPath(upload.key), size_bytes, upload.length_bytes},
        checksum, std::move(state));
    if (!append.ok()) return GoneOr(append.error());
    return Started(*std::move(append));
  }

  Result<FileDescriptor> Open(const PartialUpload& upload) override {
    auto file = store_.Open(UploadDataKey(upload.key));
    if (!file.ok()) return GoneOr(file.error());
    return file;
  }

  Status Finish(const PartialUpload& upload, const std::string& job_id) override {
    Revoke(upload.key);
    RETURN_IF_ERROR(records_.WriteFinished(upload, job_id));
    return DropBytes(upload.key);
  }

  Status Remove(const PartialUpload& upload) override {
    Revoke(upload.key);
    return store_.DeleteFolder(UploadFolder(upload.key));
  }

  Result<int> Sweep() override {
    int expired = 0;
    ASSIGN_OR_RETURN(const auto users, store_.ListFolders(std::string(kUploadsFolder)));
    for (const std::string& user : users) {
      const auto folders = store_.ListFolders(user);
      if (!folders.ok()) {
        LogNotSwept(user, folders.error());
        continue;
      }
      for (const std::string& folder : *folders) {
        const auto has_expired = SweepFolder(folder);
        if (!has_expired.ok()) LogNotSwept(folder, has_expired.error());
        expired += has_expired.ok() && *has_expired ? 1 : 0;
      }
    }
    return expired;
  }

 private:
  // An upload that cannot be removed stops neither the others nor the next sweep.
  static void LogNotSwept(const std::string& folder, const Error& error) {
    Log(LogLevel::kError, "uploads could not be swept",
        {{"folder", folder}, {"reason", error.message}});
  }

  // A missing file was removed with its upload a moment ago.
  static Error GoneOr(Error error) {
    return error.code == ErrorCode::kNotFound ? UploadRecords::NoSuchUpload() : std::move(error);
  }

  std::string DataPath(const UploadKey& key) const { return root_ / UploadDataKey(key); }

  // The offset from which bytes do not count.
  Result<std::optional<uint64_t>> UnverifiedFrom(const UploadKey& key) {
    const auto object = store_.Read(UploadUnverifiedKey(key));
    if (!object.ok()) {
      if (object.code() == ErrorCode::kNotFound) return std::optional<uint64_t>();
      return object.error();
    }
    uint64_t from = 0;  // if the mark is unreadable, no bytes count
    const std::string& text = object->bytes;
    (void)std::from_chars(text.data(), text.data() + text.size(), from);
    return std::optional(from);
  }

  // How many bytes there are. The reported number survives a power loss, even if an append in
  // progress wrote some of them.
  Result<uint64_t> DurableSize(const UploadKey& key) {
    ASSIGN_OR_RETURN(const auto unverified_from, UnverifiedFrom(key));
    auto file = store_.Open(UploadDataKey(key));
    if (!file.ok()) {
      if (file.code() == ErrorCode::kNotFound) return uint64_t{0};
      return file.error();
    }
    ASSIGN_OR_RETURN(const uint64_t size_bytes, FileSize(*file));
    if (::fdatasync(file->get()) != 0) return ErrnoError(errno, "cannot sync an upload");
    return unverified_from ? std::min(size_bytes, *unverified_from) : size_bytes;
  }

  // Removes what an append with a checksum left when a crash interrupted it or it was revoked.
  Status DropUnverified(const UploadKey& key) {
    ASSIGN_OR_RETURN(const auto unverified_from, UnverifiedFrom(key));
    if (!unverified_from) return Ok();
    const Status cut = TruncateFile(DataPath(key), *unverified_from);
    if (!cut.ok() && cut.code() != ErrorCode::kNotFound) return cut;
    return store_.Delete(UploadUnverifiedKey(key), kAnyGeneration);
  }

  Status DropBytes(const UploadKey& key) {
    Revoke(key);
    RETURN_IF_ERROR(store_.Delete(UploadDataKey(key), kAnyGeneration));
    return store_.Delete(UploadUnverifiedKey(key), kAnyGeneration);
  }

  // False: it is in use.
  bool RevokeIfSilent(AppendState& state) {
    const std::unique_lock lock(state.mutex, std::try_to_lock);
    if (!lock.owns_lock()) return false;
    if (!state.revoked && clock_.Now() - state.heard_at < kSilence) return false;
    state.revoked = true;
    return true;
  }

  void Revoke(const UploadKey& key) {
    std::shared_ptr<AppendState> state;
    {
      std::lock_guard lock(appends_mutex_);
      if (const auto found = appends_.find(key); found != appends_.end()) {
        state = found->second.lock();
      }
    }
    if (!state) return;
    std::lock_guard lock(state->mutex);
    state->revoked = true;
  }

  // True: it has expired.
  Result<bool> SweepFolder(const std::string& folder) {
    const auto key = ParseUploadFolder(folder);
    if (!key) return false;
    const auto upload = records_.Read(*key);
    if (!upload.ok() && upload.code() == ErrorCode::kNotFound) {
      RETURN_IF_ERROR(RemoveWithoutRecord(*key));
      return false;
    }
    if (!upload.ok()) return upload.error();
    // An upload that became a job still has bytes only if Finish did not complete.
    const bool has_expired = records_.IsExpired(*upload);
    if (!has_expired && !upload->job_id) return false;
    if (upload->expires_at + kRemembered <= clock_.Now()) {
      RETURN_IF_ERROR(store_.DeleteFolder(folder));
      return false;
    }
    const bool had_bytes = store_.Stat(UploadDataKey(*key)).ok();
    if (had_bytes) RETURN_IF_ERROR(DropBytes(*key));
    return had_bytes && has_expired;
  }

  // The remains of a creation that a crash interrupted. A creation in progress looks the same until
  // its record exists, so this waits for it.
  Status RemoveWithoutRecord(const UploadKey& key) {
    std::lock_guard lock(create_mutex_);
    const auto upload = records_.Read(key);
    if (upload.ok() || upload.code() != ErrorCode::kNotFound) return Ok();
    return store_.DeleteFolder(UploadFolder(key));
  }

  const std::filesystem::path root_;
  ObjectStore& store_;
  Clock& clock_;
  UploadRecords records_;
  std::mutex create_mutex_;  // counting and creating are one step, and no sweep comes between
  std::mutex appends_mutex_;
  std::map<UploadKey, std::weak_ptr<AppendState>> appends_;
};

}  // namespace

std::unique_ptr<PartialUploads> NewDiskPartialUploads(const std::filesystem::path& root,
                                                      ObjectStore& store, Clock& clock,
                                                      PartialUploadOptions options) {
  return std::make_unique<DiskUploads>(root, store, clock, options);
}

}  // namespace gnosis
