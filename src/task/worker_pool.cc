#include <algorithm>
#include <atomic>
#include <condition_variable>
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
  // Whoever finishes a job closes its document; the other workers hear nothing of it. Their
  // children would hold it until the next job comes.
  std::optional<Task> NextTask(DocumentReader& reader) {
    if (!queue_.WaitForTask(kIdleAfter)) reader.Forget();
    return queue_.Take();
  }

  void Work(PageReader& pages) {
    DocumentReader reader(pages);
    Milliseconds delay = kFirstRetry;
    while (const auto task = NextTask(reader)) {
      const BatchReport report = processor_.Run(*task, reader, stop_.get_token());
      if (listener_) listener_(*task, report);
      if (report.verdict == BatchReport::Verdict::kAcknowledge) {
        queue_.Acknowledge(*task);
        delay = kFirstRetry;
        continue;
      }
      if (report.error && report.error->code != ErrorCode::kInterrupted) {
        Log(LogLevel::kWarning, "a batch is tried again later",
            {{"session", task->session.session_id}, {"reason", report.error->message}});
      }
      reader.Forget();
      queue_.Retry(*task, delay);
      delay = std::min(delay * 2, kLastRetry);
    }
    std::lock_guard lock(mutex_);
    --running_;
    ended_.notify_all();
  }

  LocalQueue& queue_;
  BatchProcessor& processor_;
  const std::vector<std::unique_ptr<PageReader>> readers_;
  const BatchListener listener_;
  std::stop_source stop_;
  std::mutex mutex_;
  std::condition_variable ended_;
  int running_ = 0;
  std::vector<std::jthread> threads_;
};

}  // namespace

std::unique_ptr<WorkerPool> StartWorkerPool(LocalQueue& queue, BatchProcessor& processor,
                                            std::vector<std::unique_ptr<PageReader>> readers,
                                            BatchListener listener) {
  return std::make_unique<Pool>(queue, processor, std::move(readers), std::move(listener));
}

}  // namespace gnosis
