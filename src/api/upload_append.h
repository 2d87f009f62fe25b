// Streams the body of a PATCH (or of a creation with upload) into a resumable upload.
#pragma once

#include <memory>
#include <optional>

#include "api/call.h"
#include "net/http.h"
#include "task/partial_uploads.h"

namespace gnosis {

// Begins an append at `offset_bytes`, or says why not: 400 (Upload-Checksum), 409 wrong_offset,
// 413, 415, 423 upload_locked, 507. `answer` is sent when everything has been stored, with
// Upload-Offset added.
std::unique_ptr<Exchange> StartAppending(Call call, PartialUploads& uploads,
                                         const PartialUpload& upload, uint64_t offset_bytes,
                                         HttpResponse answer);

}  // namespace gnosis
