// Turns SIGINT, SIGTERM and SIGHUP into calls of a function.
#pragma once

#include <atomic>
#include <functional>
#include <thread>

namespace gnosis {

// Create it before any other thread: it blocks the signals in all later threads and handles them in
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
