// The endpoints of a cloud worker: POST /process-ocr-batch, called by the queue, and POST
// /internal/recover, called by a scheduler; /livez, /readyz and /metrics.
//
// Lifecycle of a delivery: its token is verified before its body is read; then it waits for a free
// reader, runs one batch (task/batch.h) and is answered: 2xx acknowledges the task, anything else
// causes another delivery. 429 and 503 slow down the whole queue, so problems with a single session
// are answered with 500.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "net/http.h"
#include "reader/page_reader.h"
#include "task/batch.h"
#include "task/job_actions.h"

namespace gnosis {

// The result of verifying a bearer token. `why` says which check failed: for the log only.
struct TokenVerdict {
  enum class Say {
    kWelcome,
    kUnauthorized,  // none, forged, or expired: 401
    kForbidden,     // valid, but for someone else: 403
  };
  Say say = Say::kUnauthorized;
  std::string why;
};
using TokenGate = std::function<TokenVerdict(const std::string& token)>;

// Owns only the readers: everything else must outlive the api.
struct WorkerWorld {
  ActionContext actions;
  BatchProcessor& processor;
  std::vector<std::unique_ptr<PageReader>> readers;  // each runs one batch at a time
  TokenGate gate;
  Seconds stalled_after{300};  // a session that has been idle for this long is recovered
};

class WorkerApi : public HttpHandler {
 public:
  // SIGTERM: no new pages are started, current ones have `grace` to finish, then they are given
  // back. Returns when no batch is running; each is answered with 500 or, if it was done, 2xx.
  virtual void Stop(Milliseconds grace) = 0;
};
std::unique_ptr<WorkerApi> NewWorkerApi(WorkerWorld world);

}  // namespace gnosis
