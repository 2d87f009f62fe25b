// Answers shared by several routes: JSON, entity tags, files with ranges, "not yet".
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "api/call.h"
#include "base/json.h"
#include "net/http.h"
#include "session/status.h"

namespace gnosis {

HttpResponse JsonResponse(int status, const Json& json);

// A link to a job: JobPath(id, "/events").
std::string JobPath(const std::string& job_id, std::string_view rest = "");

// W/"e0-r5". Weak, because percent and eta also change with time.
std::string JobTag(const JobStatus& status);
// Whether If-None-Match contains `tag`. Weak comparison, as RFC 9110 requires for GET.
bool IsKnownToCaller(const HttpRequest& request, std::string_view tag);
// Adds the tag and "revalidate before using a copy"; 304 without a body if the caller has it
// already.
HttpResponse WithTag(const HttpRequest& request, std::string_view tag, HttpResponse response);

// Answers without a body, so that none is generated: 304 if the caller has it already, only the
// head for HEAD (without a length, which is not known in advance). Nothing: a body is needed.
std::optional<HttpResponse> ResponseWithoutBody(const HttpRequest& request, std::string_view tag,
                                                std::string_view content_type);
// 200 with a body that is generated in pieces while it is sent; if there is only one piece, it is
// generated immediately and has a length. kUnavailable: it was cut off before it began.
Result<HttpResponse> ResponseInPieces(const HttpRequest& request, std::string content_type,
                                      std::unique_ptr<LiveBody> body);

// The number of seconds after which a client should ask again.
int RetryAfterSeconds(const JobStatus& status);

// The job as answer to a POST: 200 if it is final, otherwise 202 with Retry-After.
HttpResponse JobResponse(const JobStatus& status);

// "1" and "true"; "0", "false" and a missing parameter mean no. kInvalidArgument.
Result<bool> ReadFlag(const HttpRequest& request, const std::string& name);
// A whole number in a query parameter; nothing if it is missing. kInvalidArgument.
Result<std::optional<int64_t>> ReadNumber(const HttpRequest& request, const std::string& name,
                                          int64_t low, int64_t high);

}  // namespace gnosis
