// How often and after how long something is retried. *Whether* it may be is for the caller to
// decide, which knows the effect of repeating it.
//
// The life of a Retry: made before the first attempt -> after each failed one Again() waits and
// says whether to go on -> false when the attempts or the time are spent, or it was asked to stop,
// which ends the wait at once.
#pragma once

#include <functional>
#include <optional>
#include <stop_token>

#include "base/clock.h"
#include "net/http.h"

namespace gnosis {

struct RetryPolicy {
  int attempts = 8;  // the first one counted
  Milliseconds first_delay{250};
  Milliseconds max_delay{16'000};
  Milliseconds max_total{60'000};  // no attempt begins later than this after the first
};

// The source of time; tests supply their own.
struct Timing {
  Clock* clock = &SystemClock();
  std::function<void(Milliseconds)> sleep;  // nothing: really
  std::function<double()> random;           // 0 <= x < 1; nothing: really

  Time Now() const { return clock->Now(); }
  // Shorter when `stop` is requested.
  void Sleep(Milliseconds time, const std::stop_token& stop = {}) const;
  double Random() const;
};

class Retry {
 public:
  Retry(const RetryPolicy& policy, const Timing& timing, std::stop_token stop = {});
  // Waits between zero and first_delay, doubled with every failure up to max_delay ("full jitter"),
  // or as long as the server asked, whichever is longer.
  bool Again(std::optional<Milliseconds> retry_after = std::nullopt);
  int failures() const { return failures_; }

 private:
  const RetryPolicy policy_;
  const Timing& timing_;
  const std::stop_token stop_;
  const Time begin_;
  int failures_ = 0;
};

// 408, 429 and 5xx except 501: the same request may succeed later.
bool IsRetryableStatus(int status);
// Retry-After in seconds; dates are ignored. At most an hour.
std::optional<Milliseconds> RetryAfter(const HttpHeaders& headers);

}  // namespace gnosis
