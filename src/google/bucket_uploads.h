// Large documents that browsers and programs send to the bucket themselves: Cloud Run accepts no
// request of more than 32 MiB.
#pragma once

#include <memory>

#include "base/clock.h"
#include "google/cloud_storage_store.h"
#include "task/partial_uploads.h"

namespace gnosis {

// Keeps upload.json as on disk, and starts a resumable session for the bytes next to it, whose URI
// Create returns. The document exists once the session is complete, not before. Sweep does nothing:
// a lifecycle rule of the bucket deletes what is left under uploads/ (docs/cloud.md). `store` and
// `clock` must outlive it.
std::unique_ptr<PartialUploads> NewBucketUploads(CloudStorageStore& store, Clock& clock,
                                                 PartialUploadOptions options);

}  // namespace gnosis
