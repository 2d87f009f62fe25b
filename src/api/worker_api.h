// What a worker of the cloud answers to: POST /process-ocr-batch, called by the queue, and
// POST /internal/recover, called by a scheduler; /livez, /readyz and /metrics.
//
// The life of a delivery: its token is looked at before a byte of its body is read; then it waits
// for a free reader, runs one batch (task/batch.h) and is answered: 2xx acknowledges the task,
// anything else has it delivered again. A queue is slowed as a whole by 429 and 503, so that what
// went wrong with one session is 500.
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

// What was found out about a bearer token. `why` says which check failed: for the log only.
struct TokenVerdict {
  enum class Say {
    kWelcome,
    kUnauthorized,  // none, forged, or expired: 401
    kForbidden,     // good, but somebody else's: 403
  };
  Say say = Say::kUnauthorized;
  std::string why;
};
using TokenGate = std::function<TokenVerdict(const std::string& token)>;

// Nothing here is owned but the readers: all outlives the api.
struct WorkerWorld {
  ActionContext actions;
  BatchProcessor& processor;
  std::vector<std::unique_ptr<PageReader>> readers;  // batches at a time
  TokenGate gate;
  Seconds stalled_after{300};  // a session nobody has touched for so long is recovered
};

class WorkerApi : public HttpHandler {
 public:
  // SIGTERM: no page is begun any more, those in hand get `grace`, then they are given back.
  // Returns when no batch runs; each is answered with 500 or, if it was done, 2xx.
  virtual void Stop(Milliseconds grace) = 0;
};
std::unique_ptr<WorkerApi> NewWorkerApi(WorkerWorld world);

}  // namespace gnosis
