// What happens to who keeps trying wrong keys: after so many within a while, an address hears only
// "not now" for as long.
//
// A right key goes through all the same. Nobody guesses 256 random bits, so nothing is lost by it;
// and one program with an old key does not shut out everybody behind the same proxy.
#pragma once

#include <mutex>
#include <optional>
#include <string>

#include "base/clock.h"
#include "door/recent_map.h"

namespace gnosis {

struct LockOutOptions {
  int max_failures = 10;  // LOCK_OUT_FAILURES
  Seconds time{60};       // LOCK_OUT_TIME: the failures are counted over it, and it lasts it
  size_t max_addresses = 10'000;  // remembered; beyond that the oldest is forgotten
};

class LockOut {
 public:
  explicit LockOut(LockOutOptions options) : options_(options), addresses_(options.max_addresses) {}

  // How long the address is still locked out.
  std::optional<Milliseconds> LockedFor(const std::string& address, Time now);
  enum class Then { kMayTryAgain, kIsLockedOut };
  Then NoteFailure(const std::string& address, Time now);

 private:
  struct Tries {
    int failures = 0;
    Time since{};
    std::optional<Time> locked_at;
  };
  // How much of options_.time is left since `then`.
  std::optional<Milliseconds> LeftSince(Time then, Time now) const;

  const LockOutOptions options_;
  std::mutex mutex_;
  RecentMap<Tries> addresses_;
};

}  // namespace gnosis
