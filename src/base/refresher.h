// One piece of work that many want the outcome of and that may hang (a store, another's server): it
// runs on a thread of its own, once at a time, so that nobody who only wants to go on is held by
// it.
//
// The life of a run: somebody asks (Start) -> it runs, whoever asks meanwhile shares it -> ended.
// Who needs the outcome waits for it, but no longer than so long after the run *began*: of a run
// that hangs, only those who came in its first moments notice anything.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>

#include "base/clock.h"

namespace gnosis {

class Refresher {
 public:
  // `work` runs on the thread of the refresher, with none of its locks held.
  explicit Refresher(std::function<void()> work);
  // Waits for the run under way: what it calls must come to an end by itself, or be stopped before.
  ~Refresher() = default;
  Refresher(const Refresher&) = delete;
  Refresher& operator=(const Refresher&) = delete;

  // Begins a run, unless one is under way. Never waits.
  void Start();
  // Until the run under way has ended, or `patience` has passed since it began.
  void Wait(Milliseconds patience);

 private:
  void Serve(const std::stop_token& stop);

  const std::function<void()> work_;
  std::mutex mutex_;
  std::condition_variable_any begun_;
  std::condition_variable ended_;
  bool under_way_ = false;
  unsigned runs_ = 0;  // that have ended
  std::chrono::steady_clock::time_point began_at_{};
  std::jthread thread_;  // ends before what it uses
};

}  // namespace gnosis
