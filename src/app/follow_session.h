// Watches one session of this process's own workers until it is final: what `ocr` and `resume` do
// after the work is queued.
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

// Trouble that waiting will not cure, that every document has, and that a person at a terminal
// should hear of at once.
bool IsBrokenWorld(ErrorCode code);

// What may end the waiting early, told from other threads.
class Interruptions {
 public:
  void Interrupt();                           // Ctrl-C
  void NoteBatch(const BatchReport& report);  // a broken world ends the waiting, a retry does not
  void Wake();

  // Until something happened or a quarter of a second has passed. The error that ends the waiting,
  // if there is one.
  std::optional<Error> Wait();
  std::optional<Error> error();

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool woken_ = false;
  std::optional<Error> error_;
};

// Calls `on_change` whenever the session changed, and at the end. kInterrupted after Ctrl-C; the
// world's errors (disk full, no permission) as they are.
Result<JobStatus> FollowSession(Home& home, const SessionKey& session, Interruptions& interruptions,
                                const std::function<Status(const JobStatus&)>& on_change);

}  // namespace gnosis
