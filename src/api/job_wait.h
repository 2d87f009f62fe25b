// Waiting for a job to change.
//
// A bell is made before the job is looked at for the first time and rings for every change from
// then on, so that none falls between a look and the wait after it.
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
// For who waits for a bell and nothing else: only so that no wait is endless.
inline constexpr Milliseconds kAskAgainAfter{60'000};

struct BellState;

// Rings from any thread; whoever waits hears it, also when it rang before.
class Bell {
 public:
  Bell();
  void Ring() const;
  // At once, if it rang since the last subscription.
  std::unique_ptr<Subscription> Attach(Wake wake) const;
  Subscribe subscribe() const;  // Attach; may outlive the bell

 private:
  std::shared_ptr<BellState> state_;  // shared with who rings and with subscriptions
};

class JobBell {
 public:
  JobBell(SessionBook& book, const SessionKey& session);
  // At once, if it rang since the last subscription.
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
  // "Ask me again at the next change"; nothing when the time is up.
  std::optional<WaitFor> NotYet() const;

 private:
  JobBell bell_;
  Clock& clock_;
  const Time deadline_;
};

}  // namespace gnosis
