// Waits for a job to change.
//
// A bell is created before the job is first read and rings for every change from then on, so that
// no change is lost between a read and the following wait.
#pragma once

#include <memory>
#include <optional>

#include "api/call.h"
#include "base/clock.h"
#include "net/http.h"
#include "session/keys.h"
#include "task/session_book.h"

namespace gnosis {

inline constexpr Seconds kMaxWait{60};
// For waits that only a bell can end: ensures that no wait is endless.
inline constexpr Milliseconds kAskAgainAfter{60'000};

struct BellState;

// Can be rung from any thread; a waiter also learns of earlier rings.
class Bell {
 public:
  Bell();
  void Ring() const;
  // Wakes immediately if it has rung since the last subscription.
  std::unique_ptr<Subscription> Attach(Wake wake) const;
  Subscribe subscribe() const;  // Attach; may outlive the bell

 private:
  std::shared_ptr<BellState> state_;  // shared with ringers and subscriptions
};

class JobBell {
 public:
  JobBell(SessionBook& book, const SessionKey& session);
  // Wakes immediately if it has rung since the last subscription.
  std::unique_ptr<Subscription> Attach(Wake wake) const;
  Subscribe subscribe() const;  // Attach; may outlive the bell

 private:
  const Bell bell_;
  std::unique_ptr<SessionWatch> watch_;
};

// A bell and a deadline.
class JobWait {
 public:
  JobWait(const ApiCore& core, const SessionKey& session, Seconds at_most);
  // Asks to be called again at the next change; nothing when the time is up.
  std::optional<WaitFor> NotYet() const;

 private:
  JobBell bell_;
  Clock& clock_;
  const Time deadline_;
};

}  // namespace gnosis
