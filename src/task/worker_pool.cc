#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include "base/log.h"
#include "task/local_queue.h"

namespace gnosis {
namespace {

constexpr Milliseconds kFirstRetry{1'000};
constexpr Milliseconds kLastRetry{60'000};
constexpr Milliseconds kIdleAfter{1'000};

class Pool final : public WorkerPool {
 public:
  Pool(LocalQueue& queue, BatchProcessor& processor,
       std::vector<std::unique_ptr<PageReader>> readers, BatchListener listener)
      : queue_(queue),
        processor_(processor),
        readers_(std::move(readers)),
        listener_(std::move(listener)) {
    running_ = int(readers_.size());
    for (const auto& reader : readers_) {
      threads_.emplace_back([this, &reader = *reader] { Work(reader); });
    }
  }

  ~Pool() override { Stop(Milliseconds(0)); }

  void Stop(Milliseconds grace) override {
    stop_.request_stop();
    queue_.Close();
    {
      std::unique_lock lock(mutex_);
      ended_.wait_for(lock, grace, [&] { return running_ == 0; });
      if (running_ > 0) {
        for (const auto& reader : readers_) reader->Interrupt();
      }
    }
    threads_.clear();  // joins
  }

 private:
  // The worker that finishes a job closes its document; the others are not notified, and their
  // child processes would keep it open until the next job.
  std::optional<Task> NextTask(DocumentReader& reader) {
    if (!queue_.WaitForTask(kIdleAfter)) reader.Forget();
    return queue_.Take();
  }

  void Work(PageReader& pages) {
    DocumentReader reader(pages);
    while (const auto task = NextTask(reader)) {
      const BatchReport report = processor_.Run(*task, reader, stop_.get_token());
      if (listener_) listener_(*task, report);
      if (report.verdict == BatchReport::Verdict::kAcknowledge) {
        EndRetries(*task);
        queue_.Acknowledge(*task);
        continue;
      }
      if (report.error && report.error->code != ErrorCode::kInterrupted) {
        Log(LogLevel::kWarning, "a batch will be retried later",
            {{"session", task->session.session_id}, {"reason", report.error->message}});
      }
      reader.Forget();
      queue_.Retry(*task, NextDelay(*task));
    }
    std::lock_guard lock(mutex_);
    --running_;
    ended_.notify_all();
  }

  // Per task: one that keeps failing neither delays another that fails for the first time, nor is
  // retried soon because its worker succeeded with others.
  Milliseconds NextDelay(const Task& task) {
    std::lock_guard lock(mutex_);
    Milliseconds& next = next_delays_.try_emplace(TaskName(task), kFirstRetry).first->second;
    return std::exchange(next, std::min(next * 2, kLastRetry));
  }
  void EndRetries(const Task& task) {
    std::lock_guard lock(mutex_);
    next_delays_.erase(TaskName(task));
  }

  LocalQueue& queue_;
  BatchProcessor& processor_;
  const std::vector<std::unique_ptr<PageReader>> readers_;
  const BatchListener listener_;
  std::stop_source stop_;
  std::mutex mutex_;
  std::condition_variable ended_;
  int running_ = 0;
  std::map<std::string, Milliseconds> next_delays_;  // by name of a task that failed
  std::vector<std::jthread> threads_;
};

}  // namespace

std::unique_ptr<WorkerPool> StartWorkerPool(LocalQueue& queue, BatchProcessor& processor,
                                            std::vector<std::unique_ptr<PageReader>> readers,
                                            BatchListener listener) {
  return std::make_unique<Pool>(queue, processor, std::move(readers), std::move(listener));
}

}  // namespace gnosis
