// Requests -> responses: the HTTP API of DESIGN section 7, without sockets.
//
// The life of a request: the handler looks at the head, finds the route, checks who calls (loopback
// only for now: Host and Origin), and answers through an Exchange. Errors are problem+json.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "engine/languages.h"
#include "net/http.h"
#include "page/seal_report.h"
#include "session/object_store.h"
#include "task/admission.h"
#include "task/batch.h"
#include "task/job_actions.h"
#include "task/local_queue.h"
#include "task/session_book.h"

namespace gnosis {

struct ApiOptions {
  std::string version;
  std::vector<std::string> engines;  // "tesseract 5.3.0"
  ModelFolders models;
  uint64_t max_upload_bytes = 500'000'000;
  int max_pages = 5000;
  std::string data_folder;  // for /readyz: is there room, can it be written
  SealReport seal;          // of page children
};

// Nothing here is owned: all outlives the api.
struct ApiWorld {
  ActionContext actions;  // store, queue, book, clock
  Admission& admission;
  std::function<size_t()> queue_depth;
  std::function<int()> live_workers;
};

class Api : public HttpHandler {
 public:
  // For metrics: given to StartWorkerPool as its listener.
  virtual void NoteBatch(const Task& task, const BatchReport& report) = 0;
  // SIGTERM: /readyz says 503 from now on.
  virtual void StartDraining() = 0;
};
std::unique_ptr<Api> NewApi(const ApiWorld& world, ApiOptions options);

}  // namespace gnosis
