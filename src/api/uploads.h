// Resumable uploads (tus 1.0.0) over task/partial_uploads.h: what the rest of the API has to know.
#pragma once

#include <string_view>

#include "api/call.h"
#include "net/http.h"

namespace gnosis {

inline constexpr std::string_view kUploadsPath = "/api/v1/uploads";
// kNotFound: this server takes no resumable uploads.
Result<PartialUploads*> UploadsOf(const ApiCore& core);
// Of tus, whatever the answer: /uploads and what is below it.
bool IsUploadPath(const HttpRequest& request);
// What OPTIONS tells there.
void AddTusOptions(const ApiOptions& options, HttpResponse& response);
// "X-HTTP-Method-Override: PATCH" in a POST, for clients that cannot send PATCH or DELETE.
void ApplyMethodOverride(HttpRequest& request);

}  // namespace gnosis
