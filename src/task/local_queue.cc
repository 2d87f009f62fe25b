#include "task/local_queue.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <list>
#include <mutex>
#include <set>
#include <string>

namespace gnosis {
namespace {

using Moment = std::chrono::steady_clock::time_point;

class MemoryQueue final : public LocalQueue {
 public:
  Status Enqueue(const Task& task, std::optional<Time> not_before) override {
    Moment due = std::chrono::steady_clock::now();
    if (not_before) due += std::max(Milliseconds(0), *not_before - SystemClock().Now());
    Add(task, due);
    return Ok();
  }

  bool WaitForTask(Milliseconds patience) override {
    const Moment end = std::chrono::steady_clock::now() + patience;
    std::unique_lock lock(mutex_);
    while (!closed_ && !IsDue(NextDue())) {
      if (std::chrono::steady_clock::now() >= end) return false;
      const auto next = NextDue();
      changed_.wait_until(lock, next == waiting_.end() ? end : std::min(end, next->due));
    }
    return true;
  }

  std::optional<Task> Take() override {
    std::unique_lock lock(mutex_);
    while (!closed_) {
      const auto next = NextDue();
      if (IsDue(next)) {
        Task task = next->task;
        waiting_.erase(next);
        ++in_work_;
        return task;
      }
      if (next == waiting_.end()) {
        changed_.wait(lock);
      } else {
        changed_.wait_until(lock, next->due);
      }
    }
    return std::nullopt;
  }

  void Acknowledge(const Task& task) override {
    std::lock_guard lock(mutex_);
    names_.erase(TaskName(task));
    --in_work_;
  }

  void Retry(const Task& task, Milliseconds delay) override {
    Acknowledge(task);
    Add(task, std::chrono::steady_clock::now() + delay);
  }

  void Close() override {
    std::lock_guard lock(mutex_);
    closed_ = true;
    changed_.notify_all();
  }

  size_t Depth() override {
    std::lock_guard lock(mutex_);
    return waiting_.size() + in_work_;
  }

 private:
  struct Waiting {
    Task task;
    Moment due;
  };

  void Add(const Task& task, Moment due) {
    std::lock_guard lock(mutex_);
    if (!names_.insert(TaskName(task)).second) return;
    waiting_.push_back({task, due});
    changed_.notify_one();
  }

  bool IsDue(std::list<Waiting>::iterator waiting) {
    return waiting != waiting_.end() && waiting->due <= std::chrono::steady_clock::now();
  }

  // The first that is due, in the order they came; else the one that will be due first.
  std::list<Waiting>::iterator NextDue() {
    const Moment now = std::chrono::steady_clock::now();
    const auto due = std::find_if(waiting_.begin(), waiting_.end(),
                                  [&](const Waiting& waiting) { return waiting.due <= now; });
    if (due != waiting_.end()) return due;
    return std::min_element(waiting_.begin(), waiting_.end(),
                            [](const Waiting& a, const Waiting& b) { return a.due < b.due; });
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::list<Waiting> waiting_;
  std::set<std::string> names_;  // of waiting tasks and those in work
  size_t in_work_ = 0;
  bool closed_ = false;
};

}  // namespace

std::unique_ptr<LocalQueue> NewLocalQueue() { return std::make_unique<MemoryQueue>(); }

}  // namespace gnosis
