// POST /jobs with a JSON object: the document is a completed resumable upload.
#pragma once

#include <string>
#include <string_view>

#include "api/submit_fields.h"
#include "base/result.h"
#include "task/partial_uploads.h"

namespace gnosis {

// Reads {"upload_id": ..., "lang": "eng+deu", "formats": ["txt"], "dpi": 300, ...} into `fields`:
// strings, whole numbers and lists of strings. Returns the upload's id. kInvalidArgument.
Result<std::string> ReadUploadBody(std::string_view json, SubmitFields& fields);

// kConflict: bytes are missing; the message says how many.
Status CheckUploadIsComplete(const PartialUpload& upload);

}  // namespace gnosis
