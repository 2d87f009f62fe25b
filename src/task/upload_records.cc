#include "task/upload_records.h"

#include <fmt/format.h>

#include "base/id.h"

namespace gnosis {

Error UploadRecords::Expired() {
  return {ErrorCode::kGone, "the upload has expired and its bytes have been deleted",
          "start a new one; UPLOAD_TTL sets how long uploads are kept"};
}

Error UploadRecords::NoSuchUpload() {
  return {ErrorCode::kNotFound, "there is no such upload", "start one with POST /api/v1/uploads"};
}

Result<PartialUpload> UploadRecords::Begin(const UploadWish& wish) {
  const std::string user_hash = UserHash(wish.owner);
  ASSIGN_OR_RETURN(const auto folders, store_.ListFolders(UserUploadsFolder(user_hash)));
  int unfinished = 0;
  for (const std::string& folder : folders) {
    const auto key = ParseUploadFolder(folder);
    if (!key) continue;
    const auto upload = Read(*key);
    if (upload.ok() && !upload->job_id && !IsExpired(*upload)) ++unfinished;
  }
  if (unfinished >= options_.max_per_owner) {
    return Error{ErrorCode::kTooManyRequests,
                 fmt::format("more than {} unfinished uploads", options_.max_per_owner),
                 "finish or delete some; the setting is MAX_UPLOADS_PER_OWNER"};
  }
  PartialUpload upload;
  ASSIGN_OR_RETURN(upload.key, ParseUploadKey(user_hash, RandomUuid()));
  upload.owner = wish.owner;
  upload.length_bytes = wish.length_bytes;
  upload.file_name = wish.file_name;
  upload.metadata = wish.metadata;
  upload.created_at = clock_.Now();
  upload.expires_at = upload.created_at + options_.ttl;
  return upload;
}

Status UploadRecords::Write(const PartialUpload& upload, IfGeneration if_generation) {
  const auto written =
      store_.Write(UploadRecordKey(upload.key), EncodePartialUpload(upload), if_generation);
  return written.ok() ? Ok() : Status(written.error());
}

Status UploadRecords::WriteFinished(const PartialUpload& upload, const std::string& job_id) {
  PartialUpload finished = upload;
  finished.job_id = job_id;
  return Write(finished, kAnyGeneration);
}

Result<PartialUpload> UploadRecords::Read(const UploadKey& key) {
  const auto object = store_.Read(UploadRecordKey(key));
  if (!object.ok()) {
    return object.code() == ErrorCode::kNotFound ? NoSuchUpload() : object.error();
  }
  auto upload = DecodePartialUpload(object->bytes);
  if (upload.ok() && upload->key == key) return upload;
  return Error{ErrorCode::kInternal, "upload " + key.upload_id + ": upload.json is damaged", ""};
}

Result<PartialUpload> UploadRecords::Find(const std::string& owner, std::string_view upload_id) {
  for (const std::string& user_hash : UserHashes(owner)) {
    const auto key = ParseUploadKey(user_hash, upload_id);
    if (!key.ok()) return NoSuchUpload();
    auto upload = Read(*key);
    if (!upload.ok() && upload.code() == ErrorCode::kNotFound) continue;
    if (upload.ok() && upload->job_id) upload->offset_bytes = upload->length_bytes;
    return upload;
  }
  return NoSuchUpload();
}

}  // namespace gnosis
