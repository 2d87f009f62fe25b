// Limits how often a caller may call: a token bucket each. The bucket holds the tokens of one
// second, so after a pause a burst of that size is allowed.
#pragma once

#include <mutex>
#include <optional>
#include <string>

#include "base/clock.h"
#include "door/recent_map.h"

namespace gnosis {

class RateLimiter {
 public:
  RateLimiter(int per_second, size_t max_callers)
      : per_second_(per_second), buckets_(max_callers) {}

  // Nothing: allowed. Otherwise, how long to wait.
  std::optional<Milliseconds> Take(const std::string& caller, Time now);

 private:
  struct Bucket {
    std::optional<double> tokens;  // nothing: unused, so full
    Time filled_at{};
  };
  const double per_second_;
  std::mutex mutex_;
  RecentMap<Bucket> buckets_;
};

}  // namespace gnosis
