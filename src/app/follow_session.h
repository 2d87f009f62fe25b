// Follows a session processed by this process's own workers until it is final: used by `ocr` and
// `resume` after the work has been queued.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>

#include "app/home.h"
#include "base/result.h"
#include "session/keys.h"
#include "session/status.h"

namespace gnosis {

// Problems of the environment that waiting will not solve, that affect every document, and that a
// user at a terminal should learn of immediately.
bool IsBrokenWorld(ErrorCode code);

// Events that may end the waiting early, reported by other threads.
class Interruptions {
 public:
  void Interrupt();                           // Ctrl-C
  void NoteBatch(const BatchReport& report);  // only problems of the environment end the waiting
  void Wake();

  // Waits until something happens, at most a quarter of a second. Returns the error that ends the
  // waiting, if there is one.
  std::optional<Error> Wait();
  std::optional<Error> error();

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool woken_ = false;
  std::optional<Error> error_;
};

// Calls `on_change` whenever the session has changed, and at the end. kInterrupted after Ctrl-C;
// problems of the environment (disk full, no permission) as they are.
Result<JobStatus> FollowSession(Home& home, const SessionKey& session, Interruptions& interruptions,
                                const std::function<Status(const JobStatus&)>& on_change);

}  // namespace gnosis
