#include "google/bucket_uploads.h"

#include <fmt/format.h>

#include <utility>

#include "base/id.h"

namespace gnosis {
namespace {

Error NoSuchUpload() {
  return {ErrorCode::kNotFound, "there is no such upload", "start one with POST /api/v1/uploads"};
}

class BucketUploads final : public PartialUploads {
 public:
  BucketUploads(CloudStorageStore& store, Clock& clock, PartialUploadOptions options)
      : store_(store), clock_(clock), options_(options) {}

  bool IsDirect() const override { return true; }

  Result<PartialUpload> Create(const UploadWish& wish) override {
    const std::string user_hash = UserHash(wish.owner);
    RETURN_IF_ERROR(CheckMayCreate(user_hash));
    PartialUpload upload;
    ASSIGN_OR_RETURN(upload.key, ParseUploadKey(user_hash, RandomUuid()));
    upload.owner = wish.owner;
    upload.length_bytes = wish.length_bytes;
    upload.file_name = wish.file_name;
    upload.metadata = wish.metadata;
    upload.created_at = clock_.Now();
    upload.expires_at = upload.created_at + options_.ttl;
    ASSIGN_OR_RETURN(upload.direct_url,
                     store_.StartResumableUpload({.key = UploadDataKey(upload.key),
                                                  .content_type = "application/octet-stream",
                                                  .size_bytes = upload.length_bytes,
                                                  .if_generation = kAbsent,
                                                  .origin = wish.origin}));
    RETURN_IF_ERROR(WriteRecord(upload, kAbsent));
    return upload;
  }

  Result<PartialUpload> Find(const std::string& owner, std::string_view upload_id) override {
    const auto key = ParseUploadKey(UserHash(owner), upload_id);
    if (!key.ok()) return NoSuchUpload();
    ASSIGN_OR_RETURN(PartialUpload upload, ReadRecord(*key));
    if (upload.job_id) {
      upload.offset_bytes = upload.length_bytes;
      return upload;
    }
    if (upload.expires_at <= clock_.Now()) {
      RETURN_IF_ERROR(store_.Delete(UploadDataKey(*key), kAnyGeneration));
      return Error{ErrorCode::kGone, "the upload has expired and its bytes are deleted",
                   "start a new one; UPLOAD_TTL says how long one is kept"};
    }
    const auto data = store_.Stat(UploadDataKey(*key));
    if (!data.ok() && data.code() != ErrorCode::kNotFound) return data.error();
    // The session took as many bytes as were announced, or it is not complete.
    upload.offset_bytes = data.ok() ? data->size_bytes : 0;
    return upload;
  }

  Result<std::variant<std::unique_ptr<UploadAppend>, Refusal>> StartAppend(
      const PartialUpload&, uint64_t, const std::optional<Checksum>&) override {
    return Error{ErrorCode::kConflict, "this server takes the bytes of uploads in its bucket only",
                 "send them to the url that POST /api/v1/uploads answered"};
  }

  Result<FileDescriptor> Open(const PartialUpload& upload) override {
    return store_.Open(UploadDataKey(upload.key));
  }

  Status Finish(const PartialUpload& upload, const std::string& job_id) override {
    PartialUpload finished = upload;
    finished.job_id = job_id;
    RETURN_IF_ERROR(WriteRecord(finished, kAnyGeneration));
    return store_.Delete(UploadDataKey(upload.key), kAnyGeneration);
  }

  Status Remove(const PartialUpload& upload) override {
    return store_.DeleteFolder(UploadFolder(upload.key));
  }

  Result<int> Sweep() override { return 0; }

 private:
  Status WriteRecord(const PartialUpload& upload, IfGeneration if_generation) {
    const auto written =
        store_.Write(UploadRecordKey(upload.key), EncodePartialUpload(upload), if_generation);
    return written.ok() ? Ok() : Status(written.error());
  }

  Result<PartialUpload> ReadRecord(const UploadKey& key) {
    const auto object = store_.Read(UploadRecordKey(key));
    if (!object.ok()) {
      return object.code() == ErrorCode::kNotFound ? NoSuchUpload() : object.error();
    }
    auto upload = DecodePartialUpload(object->bytes);
    if (upload.ok() && upload->key == key) return upload;
    return Error{ErrorCode::kInternal, "upload " + key.upload_id + ": upload.json is damaged", ""};
  }

  // Instances do not know of each other's: a few more than the limit may come to be at once.
  Status CheckMayCreate(const std::string& user_hash) {
    ASSIGN_OR_RETURN(const auto folders, store_.ListFolders(UserUploadsFolder(user_hash)));
    int unfinished = 0;
    for (const std::string& folder : folders) {
      const auto key = ParseUploadFolder(folder);
      if (!key) continue;
      const auto upload = ReadRecord(*key);
      if (upload.ok() && !upload->job_id && upload->expires_at > clock_.Now()) ++unfinished;
    }
    if (unfinished < options_.max_per_owner) return Ok();
    return Error{ErrorCode::kTooManyRequests,
                 fmt::format("more than {} unfinished uploads", options_.max_per_owner),
                 "finish or delete some; the setting is MAX_UPLOADS_PER_OWNER"};
  }

  CloudStorageStore& store_;
  Clock& clock_;
  const PartialUploadOptions options_;
};

}  // namespace

std::unique_ptr<PartialUploads> NewBucketUploads(CloudStorageStore& store, Clock& clock,
                                                 PartialUploadOptions options) {
  return std::make_unique<BucketUploads>(store, clock, options);
}

}  // namespace gnosis
