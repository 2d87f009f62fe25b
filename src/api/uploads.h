// Resumable uploads (tus 1.0.0) over task/partial_uploads.h: the parts used by the rest of the API.
#pragma once

#include <string_view>

#include "api/call.h"
#include "net/http.h"

namespace gnosis {

inline constexpr std::string_view kUploadsPath = "/api/v1/uploads";
// kNotFound: this server does not support resumable uploads.
Result<PartialUploads*> UploadsOf(const ApiCore& core);
// Whether tus headers apply, whatever the answer: /uploads and below.
bool IsUploadPath(const HttpRequest& request);
// The answer to OPTIONS there.
void AddTusOptions(const ApiOptions& options, HttpResponse& response);
// "X-HTTP-Method-Override: PATCH" in a POST, for clients that cannot send PATCH or DELETE.
void ApplyMethodOverride(HttpRequest& request);

}  // namespace gnosis
