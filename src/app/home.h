// The world of one machine, built in one place: disk store, in-memory queue, page workers with a
// child process each.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "app/settings.h"
#include "base/result.h"
#include "engine/languages.h"
#include "page/page_process.h"
#include "page/seal_report.h"
#include "task/admission.h"
#include "task/batch.h"
#include "task/job_actions.h"
#include "task/local_queue.h"
#include "task/session_book.h"

namespace gnosis {

extern const char* const kProgramVersion;  // "0.1.0"

class Home {
 public:
  // Creates `root` if it is missing. kIo when gnosis-ocr-page is not beside this program.
  // Without `owner_limits` one person may do what they like.
  static Result<std::unique_ptr<Home>> Make(
      const Settings& settings, const std::filesystem::path& root,
      const std::optional<OwnerLimits>& owner_limits = std::nullopt);

  // Starts a page child to see what it is closed in with; the error says what is missing.
  Result<SealReport> ProbeSeal();

  // The members below outlive the pool; calling twice is a bug.
  void StartWorkers(BatchListener listener, ChildOptions::Models models);
  void StopWorkers(Milliseconds grace);

  const std::filesystem::path& root() const { return root_; }
  ObjectStore& store() { return *store_; }
  SessionBook& book() { return *book_; }
  LocalQueue& queue() { return *queue_; }
  int workers() const { return workers_; }  // pages read at a time
  Admission& admission() { return *admission_; }
  const ActionContext& actions() const { return *actions_; }
  const ModelFolders& models() const { return models_; }

 private:
  Home() = default;

  std::filesystem::path root_;
  int workers_ = 1;
  ModelFolders models_;
  ChildOptions child_options_;
  std::unique_ptr<ChildLauncher> page_template_;  // outlives the readers of admission and pool
  std::unique_ptr<ObjectStore> store_;
  std::unique_ptr<SessionBook> book_;
  std::unique_ptr<LocalQueue> queue_;
  std::unique_ptr<ActionContext> actions_;
  std::unique_ptr<Admission> admission_;
  std::unique_ptr<BatchProcessor> processor_;
  std::unique_ptr<WorkerPool> pool_;
};

}  // namespace gnosis
