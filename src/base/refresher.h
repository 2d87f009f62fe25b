// One piece of work whose outcome many callers need and that may hang (a store, an external
// server): it runs on a thread of its own, one run at a time, so that it blocks no caller that does
// not need the outcome.
//
// The life of a run: a caller asks (Start) -> it runs, and callers that ask meanwhile share the run
// -> ended. A caller that needs the outcome waits for it, but no longer than a given time after the
// run *began*: only callers that came early in a run that hangs are delayed by it.
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
  // `work` runs on the refresher's thread, with none of its locks held.
  explicit Refresher(std::function<void()> work);
  // Waits for the run in progress: it must end on its own, or be stopped first.
  ~Refresher() = default;
  Refresher(const Refresher&) = delete;
  Refresher& operator=(const Refresher&) = delete;

  // Starts a run, unless one is in progress. Never waits.
  void Start();
  // Waits until the run in progress has ended, or `patience` has passed since it began.
  void Wait(Milliseconds patience);

 private:
  void Serve(const std::stop_token& stop);

  const std::function<void()> work_;
  std::mutex mutex_;
  std::condition_variable_any begun_;
  std::condition_variable ended_;
  bool under_way_ = false;
  unsigned runs_ = 0;  // number of completed runs
  std::chrono::steady_clock::time_point began_at_{};
  std::jthread thread_;  // ends before the members it uses
};

}  // namespace gnosis
