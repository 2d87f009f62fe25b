// How often one caller may call: a token bucket each. The bucket holds as many tokens as one second
// brings, so that a pause allows a burst of that many.
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

  // Nothing: go on. Else how long to wait.
  std::optional<Milliseconds> Take(const std::string& caller, Time now);

 private:
  struct Bucket {
    std::optional<double> tokens;  // nothing: never used, full
    Time filled_at{};
  };
  const double per_second_;
  std::mutex mutex_;
  RecentMap<Bucket> buckets_;
};

}  // namespace gnosis
