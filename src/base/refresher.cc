#include "base/refresher.h"

#include <utility>

namespace gnosis {

Refresher::Refresher(std::function<void()> work)
    : work_(std::move(work)), thread_([this](const std::stop_token& stop) { Serve(stop); }) {}

void Refresher::Start() {
  const std::lock_guard lock(mutex_);
  if (under_way_) return;
  under_way_ = true;
  began_at_ = std::chrono::steady_clock::now();
  begun_.notify_one();
}

void Refresher::Wait(Milliseconds patience) {
  std::unique_lock lock(mutex_);
  const unsigned before = runs_;
  ended_.wait_until(lock, began_at_ + patience, [&] { return !under_way_ || runs_ != before; });
}

void Refresher::Serve(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (begun_.wait(lock, stop, [&] { return under_way_; })) {
    if (stop.stop_requested()) return;
    lock.unlock();
    work_();
    lock.lock();
    under_way_ = false;
    ++runs_;
    ended_.notify_all();
  }
}

}  // namespace gnosis
