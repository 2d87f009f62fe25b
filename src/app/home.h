// Creates the environment of a service or command in one place: where state lives, how tasks reach
// page workers, and page workers with a child process each.
//
// On one machine that is a folder, a queue in memory and threads. In the cloud it is a bucket and
// Cloud Tasks; CLOUD_TASKS_ENABLED=false keeps queue and threads in this process, with a bucket.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "app/settings.h"
#include "base/result.h"
#include "languages/languages.h"
#include "reader/page_process.h"
#include "task/admission.h"
#include "task/batch.h"
#include "task/inspection_pool.h"
#include "task/job_actions.h"
#include "task/local_queue.h"
#include "task/session_book.h"
#include "task/store_turns.h"
#include "wire/seal_report.h"

namespace gnosis {

class CloudClients;

extern const char* const kProgramVersion;  // "0.1.0"

// Where readers come from: children of gnosis-ocr-page, or a test's own.
struct ReaderSource {
  std::function<std::unique_ptr<PageReader>(const ChildOptions&)> make;
  std::function<Result<SealReport>()> probe_seal;
};

class Home {
 public:
  // Creates `root` if it is missing. kIo if gnosis-ocr-page is not in the same folder as this
  // program. Without `owner_limits` a single user is not limited, and may fill the disk (down to
  // DISK_FLOOR).
  static Result<std::unique_ptr<Home>> Make(
      const Settings& settings, const std::filesystem::path& root,
      const std::optional<OwnerLimits>& owner_limits = std::nullopt);
  // Requires settings.cloud.on. Does not access the bucket yet.
  static Result<std::unique_ptr<Home>> MakeInCloud(const Settings& settings);
  // For tests: over readers that need no program beside this one.
  static Result<std::unique_ptr<Home>> MakeWith(
      ReaderSource source, const Settings& settings, const std::filesystem::path& root,
      const std::optional<OwnerLimits>& owner_limits = std::nullopt);
  static Result<std::unique_ptr<Home>> MakeInCloudWith(ReaderSource source,
                                                       const Settings& settings);
  ~Home();

  // Starts a page child to see how it is sealed; the error says what is missing.
  Result<SealReport> ProbeSeal() { return reader_source_.probe_seal(); }

  // One for each page worker, for StartWorkers or for a worker that is called from outside.
  std::vector<std::unique_ptr<PageReader>> MakeReaders(ChildOptions::Models models);
  // The members below outlive the pool; calling it twice, or without local_queue(), is a bug.
  void StartWorkers(BatchListener listener, ChildOptions::Models models);
  void StopWorkers(Milliseconds grace);

  const std::filesystem::path& root() const { return root_; }  // "" in the cloud
  ObjectStore& store() { return *store_; }
  SessionBook& book() { return *book_; }
  TaskQueue& queue() { return *queue_; }
  LocalQueue* local_queue() { return local_queue_; }  // nullptr: tasks come from outside
  int workers() const { return workers_; }            // pages processed in parallel
  Admission& admission() { return *admission_; }
  BatchProcessor& processor() { return *processor_; }
  const ActionContext& actions() const { return *actions_; }
  const ModelFolders& models() const { return models_; }
  CloudClients* cloud() { return cloud_.get(); }  // nullptr on one machine

 private:
  Home();
  Status FindPrograms(const Settings& settings);
  void TakeSettings(const Settings& settings);
  void UseReaders(const Settings& settings, ReaderSource source);
  // Requires settings and readers.
  void UseDisk(const Settings& settings, const std::filesystem::path& root,
               const std::optional<OwnerLimits>& owner_limits);
  Status UseCloud(const Settings& settings);
  // Requires store, queue and book.
  void Furnish(const Settings& settings, const std::optional<OwnerLimits>& owner_limits);
  void UseLocalQueue();
  std::function<Status()> RoomFor(const Settings& settings, bool is_service);

  std::filesystem::path root_;
  int workers_ = 1;
  ModelFolders models_;
  ChildOptions child_options_;
  std::unique_ptr<CloudClients> cloud_;
  std::unique_ptr<ChildLauncher> page_template_;  // outlives the readers of admission and pool
  ReaderSource reader_source_;
  std::unique_ptr<ObjectStore> store_;
  std::unique_ptr<SessionBook> book_;
  std::unique_ptr<TaskQueue> queue_;
  LocalQueue* local_queue_ = nullptr;
  std::unique_ptr<ActionContext> actions_;
  std::optional<StoreTurns> turns_;  // if tasks come from outside
  std::unique_ptr<InspectionPool> inspections_;
  std::unique_ptr<Admission> admission_;
  std::unique_ptr<BatchProcessor> processor_;
  std::unique_ptr<WorkerPool> pool_;
};

// Creates the home of a command that processes pages: MakeHome, or a test's own function.
using HomeMaker = std::function<Result<std::unique_ptr<Home>>(const Settings& settings,
                                                              const std::filesystem::path& root)>;
// Home::Make without limits.
Result<std::unique_ptr<Home>> MakeHome(const Settings& settings, const std::filesystem::path& root);

// Makes the home of the service, on one machine or in the cloud: MakeServiceHome, or a test's own.
using ServiceHomeMaker = std::function<Result<std::unique_ptr<Home>>(const Settings& settings)>;
Result<std::unique_ptr<Home>> MakeServiceHome(const Settings& settings);

}  // namespace gnosis
