#include "task/watch_poller.h"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

namespace gnosis {
namespace {

class ThreadedPoller final : public WatchPoller {
 public:
  ThreadedPoller(SessionBook& book, WatchPollerOptions options) : book_(book), options_(options) {
    for (int i = 0; i < options_.threads; ++i) {
      threads_.emplace_back([this](const std::stop_token& stop) { Work(stop); });
    }
  }

 private:
  // A thread that finds nothing to do waits for the interval to end and starts the next round.
  void Work(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      if (const auto session = Next(stop)) book_.Poll(*session);
    }
  }

  std::optional<SessionKey> Next(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    if (round_.empty()) {
      const auto due = begun_ + options_.interval;
      changed_.wait_until(lock, stop, due, [&] { return !round_.empty(); });
      if (round_.empty() && std::chrono::steady_clock::now() >= begun_ + options_.interval) {
        begun_ = std::chrono::steady_clock::now();
        for (auto& session : book_.Watched()) round_.push_back(std::move(session));
        changed_.notify_all();
      }
    }
    if (round_.empty()) return std::nullopt;
    SessionKey session = std::move(round_.front());
    round_.pop_front();
    return session;
  }

  SessionBook& book_;
  const WatchPollerOptions options_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<SessionKey> round_;  // still to be checked
  std::chrono::steady_clock::time_point begun_{};
  std::vector<std::jthread> threads_;
};

}  // namespace

std::unique_ptr<WatchPoller> StartWatchPoller(SessionBook& book, WatchPollerOptions options) {
  return std::make_unique<ThreadedPoller>(book, options);
}

}  // namespace gnosis
