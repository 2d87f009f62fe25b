// Locks out addresses that keep trying wrong keys: after too many failures within a period, an
// address gets only 429 responses for the same period.
//
// A valid key is accepted nevertheless. Nobody can guess 256 random bits, so nothing is lost; and
// one program with an old key does not lock out everyone behind the same proxy.
#pragma once

#include <mutex>
#include <optional>
#include <string>

#include "base/clock.h"
#include "door/recent_map.h"

namespace gnosis {

struct LockOutOptions {
  int max_failures = 10;          // LOCK_OUT_FAILURES
  Seconds time{60};               // LOCK_OUT_TIME: the period of counting, and of the lock-out
  size_t max_addresses = 10'000;  // the oldest are forgotten beyond this
};

class LockOut {
 public:
  explicit LockOut(LockOutOptions options) : options_(options), addresses_(options.max_addresses) {}

  // The remaining lock-out time of the address.
  std::optional<Milliseconds> LockedFor(const std::string& address, Time now);
  enum class Then { kMayTryAgain, kIsLockedOut };
  Then NoteFailure(const std::string& address, Time now);

 private:
  struct Tries {
    int failures = 0;
    Time since{};
    std::optional<Time> locked_at;
  };
  // The part of options_.time that is left since `then`.
  std::optional<Milliseconds> LeftSince(Time then, Time now) const;

  const LockOutOptions options_;
  std::mutex mutex_;
  RecentMap<Tries> addresses_;
};

}  // namespace gnosis
