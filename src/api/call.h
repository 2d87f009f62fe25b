// One request on its way to its answer, and what the functions behind the routes share.
//
// The life of a call: made when the head of the request was read and its route found; given to the
// route's function when the (small) body is complete; gone with the answer.
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
  // /openapi.json, made when it is first asked for.
  std::once_flag open_api_begun = {};
  std::shared_ptr<const std::string> open_api = nullptr;
  std::atomic<bool> draining{false};
};

using PathParameters = std::map<std::string, std::string, std::less<>>;

struct Call {
  ApiCore& core;
  HttpRequest request;
  PathParameters parameters;  // what stood for {id} and {page} in the path
  std::string request_id;
  Caller caller;
  std::string body;
};

// Most functions behind a route; the error becomes a problem+json.
using PlainHandler = Result<HttpResponse> (*)(Call& call);
// Those that stream a body or wait.
using StartHandler = std::unique_ptr<Exchange> (*)(Call call);

// Adds to the body of a call that takes a small one. kTooLarge.
Status TakeSmallBody(Call& call, std::string_view bytes);

// Answers at once, whatever the body.
std::unique_ptr<Exchange> RefuseWith(HttpResponse response);

// The session that {id} names among the caller's: another owner's is looked for in the same way,
// and is not there. Text that is no id never touches the store. kNotFound.
Result<SessionKey> SessionOf(const Call& call);
// The job's status. kNotFound, kGone; what is wrong with the job's own files is kInternal.
Result<JobStatus> ReadJob(const Call& call, const SessionKey& session);
// What the session book or the store said about a job, as it concerns the caller.
Error JobError(const Call& call, const SessionKey& session, const Error& error);

}  // namespace gnosis
