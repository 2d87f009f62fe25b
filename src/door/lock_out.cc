#include "door/lock_out.h"

namespace gnosis {

std::optional<Milliseconds> LockOut::LeftSince(Time then, Time now) const {
  const Milliseconds left = then + options_.time - now;
  // More than the whole period: the clock was set back.
  if (left <= Milliseconds{0} || left > options_.time) return std::nullopt;
  return left;
}

std::optional<Milliseconds> LockOut::LockedFor(const std::string& address, Time now) {
  std::lock_guard lock(mutex_);
  const Tries& tries = addresses_.Touch(address);
  return tries.locked_at ? LeftSince(*tries.locked_at, now) : std::nullopt;
}

LockOut::Then LockOut::NoteFailure(const std::string& address, Time now) {
  std::lock_guard lock(mutex_);
  Tries& tries = addresses_.Touch(address);
  if (tries.locked_at && LeftSince(*tries.locked_at, now)) return Then::kIsLockedOut;
  if (tries.failures == 0 || !LeftSince(tries.since, now)) tries = Tries{0, now, std::nullopt};
  if (++tries.failures < options_.max_failures) return Then::kMayTryAgain;
  tries = Tries{0, now, now};
  return Then::kIsLockedOut;
}

}  // namespace gnosis
