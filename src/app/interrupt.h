// SIGINT, SIGTERM and SIGHUP as a value that can be waited for.
#pragma once

#include <atomic>
#include <functional>
#include <thread>

namespace gnosis {

// Made before any other thread: blocks the signals in all threads to come and takes them in one of
// its own.
class InterruptWatch {
 public:
  // `on_interrupt` is called from another thread, at every signal.
  explicit InterruptWatch(std::function<void()> on_interrupt);
  ~InterruptWatch();
  InterruptWatch(const InterruptWatch&) = delete;
  InterruptWatch& operator=(const InterruptWatch&) = delete;
  bool interrupted() const { return count_ > 0; }

 private:
  std::function<void()> on_interrupt_;
  std::atomic<int> count_ = 0;
  std::atomic<bool> ending_ = false;
  std::thread thread_;
};

}  // namespace gnosis
