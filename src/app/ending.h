// Lets the main thread of a service wait for a signal, and other threads wait for the service to
// end.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>

namespace gnosis {

class Ending {
 public:
  void Begin() {
    std::lock_guard lock(mutex_);
    begun_ = true;
    changed_.notify_all();
  }
  void Wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return begun_; });
  }
  // False: `stop` was requested first.
  bool Wait(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    return changed_.wait(lock, stop, [&] { return begun_; });
  }
  // True: the end has begun.
  bool WaitFor(std::chrono::seconds time) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, time, [&] { return begun_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable_any changed_;
  bool begun_ = false;
};

}  // namespace gnosis
