// Answers that several routes give: JSON, entity tags, files with ranges, "not yet".
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

// W/"e0-r5". Weak, because percent and eta move with the clock, too.
std::string JobTag(const JobStatus& status);
// Does If-None-Match hold `tag`? Compared weakly, as RFC 9110 wants for GET.
bool IsKnownToCaller(const HttpRequest& request, std::string_view tag);
// Adds the tag and "ask before using a copy"; 304 without a body when the caller has it already.
HttpResponse WithTag(const HttpRequest& request, std::string_view tag, HttpResponse response);

// What needs no body, and for which none is made: 304 when the caller has it already, the head
// alone for HEAD (without a length, which nobody knows before). Nothing: make one.
std::optional<HttpResponse> ResponseWithoutBody(const HttpRequest& request, std::string_view tag,
                                                std::string_view content_type);
// 200 with a body that is made piece by piece while it is sent; one that is a single piece is made
// at once and has a length. kUnavailable: it was cut before it began.
Result<HttpResponse> ResponseInPieces(const HttpRequest& request, std::string content_type,
                                      std::unique_ptr<LiveBody> body);

// Seconds after which asking again makes sense.
int RetryAfterSeconds(const JobStatus& status);

// The job's answer to POST: 200 when it is final, else 202 with Retry-After.
HttpResponse JobResponse(const JobStatus& status);

// "1", "true"; "0", "false" and nothing are no. kInvalidArgument.
Result<bool> ReadFlag(const HttpRequest& request, const std::string& name);
// A whole number in a query parameter; nothing when it is not given. kInvalidArgument.
Result<std::optional<int64_t>> ReadNumber(const HttpRequest& request, const std::string& name,
                                          int64_t low, int64_t high);

}  // namespace gnosis
