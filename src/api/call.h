// One request, and what the route handlers share.
//
// Lifecycle of a call: created when the head of the request has been parsed and its route found;
// passed to the route's handler when the (small) body is complete; destroyed with the answer.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "api/api.h"
#include "api/job_index.h"
#include "api/shared_news.h"
#include "api/web_assets.h"
#include "base/result.h"
#include "door/access.h"
#include "door/stream_slots.h"
#include "net/http.h"
#include "session/keys.h"
#include "session/status.h"

namespace gnosis {

class Metrics;

// One per Api; outlives every call.
struct ApiCore {
  ApiWorld world;
  ApiOptions options;
  Metrics& metrics;
  Access access;
  StreamSlots streams;
  SharedNews news;
  WebAssets web;
  JobIndex job_index = {};
  // /openapi.json, generated at the first request.
  std::once_flag open_api_begun = {};
  std::shared_ptr<const std::string> open_api = nullptr;
  std::atomic<bool> draining{false};
};

using PathParameters = std::map<std::string, std::string, std::less<>>;

struct Call {
  ApiCore& core;
  HttpRequest request;
  PathParameters parameters;  // the values of {id} and {page} in the path
  std::string request_id;
  Caller caller;
  std::string body;
};

// Most handlers; an error becomes problem+json.
using PlainHandler = Result<HttpResponse> (*)(Call& call);
// Handlers that stream a body or wait.
using StartHandler = std::unique_ptr<Exchange> (*)(Call call);

// Adds to the body of a call with a small one. kTooLarge.
Status TakeSmallBody(Call& call, std::string_view bytes);

// Answers immediately, ignoring the body.
std::unique_ptr<Exchange> RefuseWith(HttpResponse response);

// The caller's session with the id {id}: another owner's is looked up in the same way, and not
// found. Text that is not an id never reaches the store. kNotFound.
Result<SessionKey> SessionOf(const Call& call);
// The job's status. kNotFound, kGone; problems with the job's own files are kInternal.
Result<JobStatus> ReadJob(const Call& call, const SessionKey& session);
// Converts an error of the session book or the store about a job into the caller's error.
Error JobError(const Call& call, const SessionKey& session, const Error& error);

}  // namespace gnosis
