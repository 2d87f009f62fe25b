#include "google/bucket_uploads.h"

#include <fmt/format.h>

#include "task/upload_records.h"

namespace gnosis {
namespace {

class BucketUploads final : public PartialUploads {
 public:
  BucketUploads(CloudStorageStore& store, Clock& clock, PartialUploadOptions options)
      : store_(store), records_(store, clock, options) {}

  bool IsDirect() const override { return true; }

  Result<PartialUpload> Create(const UploadWish& wish) override {
    if (wish.length_bytes == 0) {
      return Error{ErrorCode::kInvalidArgument, "a document has at least one byte",
                   "Upload-Length is the size of the whole file"};
    }
    // Instances do not know about each other's uploads: a few more than the limit may be created at
    // once.
    ASSIGN_OR_RETURN(PartialUpload upload, records_.Begin(wish));
    ASSIGN_OR_RETURN(upload.direct_url,
                     store_.StartResumableUpload({.key = UploadDataKey(upload.key),
                                                  .content_type = "application/octet-stream",
                                                  .size_bytes = upload.length_bytes,
                                                  .if_generation = kAbsent,
                                                  .origin = wish.origin}));
    RETURN_IF_ERROR(records_.Write(upload, kAbsent));
    return upload;
  }

  Result<PartialUpload> Find(const std::string& owner, std::string_view upload_id) override {
    ASSIGN_OR_RETURN(PartialUpload upload, records_.Find(owner, upload_id));
    if (upload.job_id) {
      // There are bytes only if Finish did not complete.
      (void)store_.Delete(UploadDataKey(upload.key), kAnyGeneration);
      return upload;
    }
    if (records_.IsExpired(upload)) {
      RETURN_IF_ERROR(store_.Delete(UploadDataKey(upload.key), kAnyGeneration));
      return UploadRecords::Expired();
    }
    const auto data = store_.Stat(UploadDataKey(upload.key));
    if (!data.ok() && data.code() != ErrorCode::kNotFound) return data.error();
    if (data.ok() && data->size_bytes != upload.length_bytes) return RemoveOther(upload, *data);
    // The object exists only once the session is complete.
    upload.offset_bytes = data.ok() ? upload.length_bytes : 0;
    return upload;
  }

  Result<std::variant<std::unique_ptr<UploadAppend>, Refusal>> StartAppend(
      const PartialUpload&, uint64_t, const std::optional<Checksum>&) override {
    return Error{ErrorCode::kConflict, "this server accepts upload bytes only in its bucket",
                 "send them to the url returned by POST /api/v1/uploads"};
  }

  Result<FileDescriptor> Open(const PartialUpload& upload) override {
    auto file = store_.Open(UploadDataKey(upload.key));
    if (!file.ok() && file.code() == ErrorCode::kNotFound) return UploadRecords::NoSuchUpload();
    return file;
  }

  Status Finish(const PartialUpload& upload, const std::string& job_id) override {
    RETURN_IF_ERROR(records_.WriteFinished(upload, job_id));
    return store_.Delete(UploadDataKey(upload.key), kAnyGeneration);
  }

  Status Remove(const PartialUpload& upload) override {
    return store_.DeleteFolder(UploadFolder(upload.key));
  }

  Result<int> Sweep() override { return 0; }

 private:
  // Cloud Storage was given the length and should have refused. An upload that was admitted by its
  // length must not have a different one.
  Error RemoveOther(const PartialUpload& upload, const ObjectInfo& data) {
    const Status removed = store_.Delete(UploadDataKey(upload.key), data.generation);
    if (!removed.ok()) return removed.error();
    return {ErrorCode::kTooLarge,
            fmt::format("{} bytes arrived instead of the announced {}", data.size_bytes,
                        upload.length_bytes),
            "they were deleted; start a new upload with the size of the whole file"};
  }

  CloudStorageStore& store_;
  UploadRecords records_;
};

}  // namespace

std::unique_ptr<PartialUploads> NewBucketUploads(CloudStorageStore& store, Clock& clock,
                                                 PartialUploadOptions options) {
  return std::make_unique<BucketUploads>(store, clock, options);
}

}  // namespace gnosis
