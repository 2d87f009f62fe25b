// upload.json of every upload, the same wherever the bytes are: next to it on disk, or sent to a
// bucket.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "session/object_store.h"
#include "task/partial_uploads.h"

namespace gnosis {

class UploadRecords {
 public:
  // `store` and `clock` must outlive it.
  UploadRecords(ObjectStore& store, Clock& clock, PartialUploadOptions options)
      : store_(store), clock_(clock), options_(options) {}

  // A new upload, not written yet. kTooManyRequests: the owner has too many unfinished ones;
  // uploads started at the same moment are not counted.
  Result<PartialUpload> Begin(const UploadWish& wish);
  Status Write(const PartialUpload& upload, IfGeneration if_generation);
  // It became a job.
  Status WriteFinished(const PartialUpload& upload, const std::string& job_id);
  // kNotFound.
  Result<PartialUpload> Read(const UploadKey& key);
  // kNotFound, also for another owner's upload. The offset of a finished upload is its length.
  Result<PartialUpload> Find(const std::string& owner, std::string_view upload_id);
  bool IsExpired(const PartialUpload& upload) const { return upload.expires_at <= clock_.Now(); }

  static Error Expired();       // kGone
  static Error NoSuchUpload();  // kNotFound

 private:
  ObjectStore& store_;
  Clock& clock_;
  const PartialUploadOptions options_;
};

}  // namespace gnosis
