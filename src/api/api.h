// The HTTP API (docs/api.md), without sockets: requests in, responses out.
//
// Lifecycle of a request: the handler parses the head, finds the route, authenticates the caller
// (access.h), and answers through an Exchange. Errors are problem+json.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "api/web_assets.h"
#include "base/clock.h"
#include "base/result.h"
#include "door/access.h"
#include "languages/languages.h"
#include "net/http.h"
#include "session/object_store.h"
#include "task/admission.h"
#include "task/batch.h"
#include "task/job_actions.h"
#include "task/local_queue.h"
#include "task/partial_uploads.h"
#include "task/session_book.h"
#include "wire/seal_report.h"

namespace gnosis {

// Each with the name of its setting.
struct ApiLimits {
  size_t max_file_name_bytes = 255;        // MAX_FILE_NAME_BYTES
  size_t max_idempotency_key_bytes = 255;  // MAX_IDEMPOTENCY_KEY_BYTES
  int max_event_streams = 1000;            // MAX_EVENT_STREAMS_PER_OWNER
  uint64_t disk_floor_bytes = 0;           // DISK_FLOOR: no new work below it
  uint64_t memory_floor_bytes = 0;         // MEMORY_FLOOR: likewise
  size_t max_queue_depth = 20'000;         // MAX_QUEUE_DEPTH: tasks, of all owners
};

struct ApiOptions {
  std::string version;
  std::vector<std::string> engines;  // "tesseract 5.3.0"
  ModelFolders models;
  uint64_t max_upload_bytes = 500'000'000;
  int max_pages = 5000;
  std::string data_folder;  // for /readyz: is there space, is it writable
  SealReport seal;          // of page children
  AccessOptions access;
  // A job that someone requests and that has been idle for this long is recovered. Nothing: jobs
  // are recovered only at start-up.
  std::optional<Seconds> stalled_after;
  ApiLimits limits;
  OwnerLimits owner_limits;      // only reported by /limits; admission enforces them
  PartialUploadOptions uploads;  // likewise
  std::vector<WebAsset> web;     // the web page; {}: none
};

// Owns nothing: everything must outlive the api.
struct ApiWorld {
  ActionContext actions;  // store, queue, book, clock
  Admission& admission;
  std::function<size_t()> queue_depth;
  std::function<int()> live_workers;
  std::function<uint64_t()> free_disk_bytes = [] { return UINT64_MAX; };
  std::function<uint64_t()> free_memory_bytes = [] { return UINT64_MAX; };
  PartialUploads* uploads = nullptr;  // nullptr: resumable uploads are not supported
};

class Api : public HttpHandler {
 public:
  // For metrics: passed to StartWorkerPool as its listener.
  virtual void NoteBatch(const Task& task, const BatchReport& report) = 0;
  // SIGTERM: /readyz returns 503 from now on.
  virtual void StartDraining() = 0;
};
std::unique_ptr<Api> NewApi(const ApiWorld& world, const ApiOptions& options);

}  // namespace gnosis
