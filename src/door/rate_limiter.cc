#include "door/rate_limiter.h"

#include <algorithm>
#include <cmath>

namespace gnosis {

std::optional<Milliseconds> RateLimiter::Take(const std::string& caller, Time now) {
  std::lock_guard lock(mutex_);
  Bucket& bucket = buckets_.Touch(caller);
  // The clock may have been set back, which has no effect.
  const double passed_s =
      std::max(0.0, std::chrono::duration<double>(now - bucket.filled_at).count());
  bucket.tokens =
      std::min(per_second_, bucket.tokens.value_or(per_second_) + passed_s * per_second_);
  bucket.filled_at = now;
  if (*bucket.tokens >= 1) {
    *bucket.tokens -= 1;
    return std::nullopt;
  }
  return Milliseconds(int64_t(std::ceil((1 - *bucket.tokens) / per_second_ * 1000)));
}

}  // namespace gnosis
