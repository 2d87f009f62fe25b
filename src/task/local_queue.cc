#include "task/local_queue.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "task/owner_turns.h"

namespace gnosis {
namespace {

using Moment = std::chrono::steady_clock::time_point;

Moment Now() { return std::chrono::steady_clock::now(); }

// One owner's due tasks: one from each session in turn, those of one session in order of arrival. A
// session whose task was taken goes behind the others, and so does its successor task.
class SessionTurns {
 public:
  void Add(const Task& task) {
    std::deque<Task>& tasks = sessions_[task.session.session_id];
    if (tasks.empty()) order_.push_back(task.session.session_id);
    tasks.push_back(task);
  }
  // There is one.
  Task TakeNext() {
    const auto session = sessions_.find(order_.front());
    Task task = std::move(session->second.front());
    session->second.pop_front();
    if (session->second.empty()) {
      sessions_.erase(session);
    } else {
      order_.push_back(session->first);
    }
    order_.pop_front();
    return task;
  }
  bool empty() const { return order_.empty(); }

 private:
  std::deque<std::string> order_;  // ids of the sessions that have tasks, each once
  std::unordered_map<std::string, std::deque<Task>> sessions_;
};

class MemoryQueue final : public LocalQueue {
 public:
  Status Enqueue(const Task& task, std::optional<Time> not_before) override {
    Moment due = Now();
    if (not_before) due += std::max(Milliseconds(0), *not_before - SystemClock().Now());
    std::lock_guard lock(mutex_);
    Add(task, due);
    return Ok();
  }

  bool WaitForTask(Milliseconds patience) override {
    const Moment end = Now() + patience;
    std::unique_lock lock(mutex_);
    while (!closed_ && !SomeAreDue()) {
      if (Now() >= end) return false;
      WaitForChange(lock, end);
    }
    return true;
  }

  std::optional<Task> Take() override {
    std::unique_lock lock(mutex_);
    while (!closed_) {
      if (SomeAreDue()) return TakeNext();
      WaitForChange(lock, std::nullopt);
    }
    return std::nullopt;
  }

  void Acknowledge(const Task& task) override {
    std::lock_guard lock(mutex_);
    EndWork(task);
  }

  void Retry(const Task& task, Milliseconds delay) override {
    std::lock_guard lock(mutex_);
    EndWork(task);
    Add(task, Now() + delay);
  }

  bool OthersWait(const SessionKey& session) override {
    std::lock_guard lock(mutex_);
    return SomeAreDue() && due_count_ > idle_workers_ && owners_.OthersWait(session.user_hash);
  }

  void Close() override {
    std::lock_guard lock(mutex_);
    closed_ = true;
    changed_.notify_all();
  }

  size_t Depth() override {
    std::lock_guard lock(mutex_);
    return names_.size();
  }

 private:
  // All of these need the mutex.

  void Add(const Task& task, Moment due) {
    if (!names_.insert(TaskName(task)).second) return;
    later_.emplace(due, task);
    // Every worker may now have to wait until a different time: if only one were notified, it might
    // be busy when the task becomes due while the others sleep.
    changed_.notify_all();
  }

  bool SomeAreDue() {
    const Moment now = Now();
    while (!later_.empty() && later_.begin()->first <= now) {
      const Task& task = later_.begin()->second;
      due_[task.session.user_hash].Add(task);
      owners_.Wait(task.session.user_hash);
      ++due_count_;
      later_.erase(later_.begin());
    }
    return due_count_ > 0;
  }

  Task TakeNext() {
    const auto owner = due_.find(*owners_.Next());
    owners_.Begin(owner->first);
    Task task = owner->second.TakeNext();
    if (owner->second.empty()) due_.erase(owner);
    --due_count_;
    return task;
  }

  void EndWork(const Task& task) {
    names_.erase(TaskName(task));
    owners_.End(task.session.user_hash);
  }

  // Returns when something was added, or the next task is due, or at `end`.
  void WaitForChange(std::unique_lock<std::mutex>& lock, std::optional<Moment> end) {
    ++idle_workers_;
    if (!later_.empty()) end = std::min(end.value_or(Moment::max()), later_.begin()->first);
    if (end) {
      changed_.wait_until(lock, *end);
    } else {
      changed_.wait(lock);
    }
    --idle_workers_;
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::multimap<Moment, Task> later_;
  std::unordered_map<std::string, SessionTurns> due_;  // by owner; only owners with tasks
  size_t due_count_ = 0;
  OwnerTurns owners_;  // of the tasks that are due or being processed
  size_t idle_workers_ = 0;
  std::unordered_set<std::string> names_;  // of the tasks that are waiting or being processed
  bool closed_ = false;
};

}  // namespace

std::unique_ptr<LocalQueue> NewLocalQueue() { return std::make_unique<MemoryQueue>(); }

}  // namespace gnosis
