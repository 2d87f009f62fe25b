// Serves an object of the store: entity tag, 304, one byte range.
#pragma once

#include <string>
#include <string_view>

#include "api/call.h"
#include "net/http.h"

namespace gnosis {

// "g17": strong, unchanged as long as the object is not replaced.
std::string ObjectTag(Generation generation);

// 200, 206, 304 or 416. kNotFound: no such object.
Result<HttpResponse> FileReply(const Call& call, const std::string& key,
                               std::string_view content_type);

// attachment; filename="scan.txt"; filename*=UTF-8''scan.txt (RFC 6266): the upload's name with
// another ending, without anything that a browser or a file system could interpret.
std::string AttachmentHeader(std::string_view uploaded_name, std::string_view ending);

}  // namespace gnosis
