// What one delivery of a task does: claim -> page -> publish -> enqueue a successor -> combine
// (ARCHITECTURE.md, "A page, step by step").
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "reader/page_reader.h"
#include "session/object_store.h"
#include "session/rules.h"
#include "task/session_book.h"
#include "task/task_queue.h"

namespace gnosis {

struct BatchOptions {
  int batch_size = 10;             // OCR_BATCH_SIZE
  int chains = 1;                  // OCR_CHAINS
  Seconds dispatch_deadline{600};  // of the queue: the batch stops a minute before
  Seconds page_budget{120};        // the longest that one page may take
  Limits limits;
  std::string program_version;  // named in the results
  // The session that a delivery works on: the task's own, or one of an owner whose turn it is.
  // Asked again, a few times, if that session has nothing to claim.
  std::function<SessionKey(const Task&)> session_for_turn = [](const Task& task) {
    return task.session;
  };
  // Checked before each page: an error (kDiskFull) stops the batch, its pages are claimed again
  // later.
  std::function<Status()> room = [] { return Ok(); };
  // Checked between pages: true if another owner's turn has come since a batch for this session
  // began; the remaining pages are given back.
  std::function<bool(const SessionKey&, Time began)> others_wait = [](const SessionKey&, Time) {
    return false;
  };
};

// One page worker's reader, and which document it has open.
class DocumentReader {
 public:
  explicit DocumentReader(PageReader& reader) : reader_(reader) {}
  // Opens the session's original unless it is already open. A deleted session and a later one with
  // the same id are different: their incarnations differ.
  Status Open(ObjectStore& store, const SessionKey& session, const Metadata& metadata);
  PageReader& pages() { return reader_; }
  void Forget() {
    open_.reset();
    reader_.Close();
  }

 private:
  PageReader& reader_;
  struct OpenedSession {
    SessionKey key;
    std::string incarnation;
    bool operator==(const OpenedSession&) const = default;
  };
  std::optional<OpenedSession> open_;
};

struct BatchReport {
  enum class Verdict {
    kAcknowledge,  // the job is final or deleted, or the successor task exists
    kRetry,        // deliver the task again
  };
  Verdict verdict = Verdict::kAcknowledge;
  int pages_processed = 0;     // results that this delivery created
  std::optional<Error> error;  // why kRetry
};

class BatchProcessor {
 public:
  virtual ~BatchProcessor() = default;
  // May be called from several threads at once, each with its own reader. After a stop request,
  // pages that were not started are given back and the verdict is kRetry.
  virtual BatchReport Run(const Task& task, DocumentReader& reader,
                          const std::stop_token& stop) = 0;
};

std::unique_ptr<BatchProcessor> NewBatchProcessor(ObjectStore& store, TaskQueue& queue,
                                                  SessionBook& book, Clock& clock,
                                                  BatchOptions options);

}  // namespace gnosis
