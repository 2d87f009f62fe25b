#include "net/retry.h"

#include <algorithm>
#include <charconv>
#include <condition_variable>
#include <mutex>
#include <random>
#include <utility>

namespace gnosis {

void Timing::Sleep(Milliseconds time, const std::stop_token& stop) const {
  if (sleep) return sleep(time);
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock(mutex);
  stopped.wait_for(lock, stop, time, [] { return false; });
}

double Timing::Random() const {
  if (random) return random();
  thread_local std::mt19937_64 generator{std::random_device{}()};
  return std::uniform_real_distribution<double>(0, 1)(generator);
}

Retry::Retry(const RetryPolicy& policy, const Timing& timing, std::stop_token stop)
    : policy_(policy), timing_(timing), stop_(std::move(stop)), begin_(timing.Now()) {}

bool Retry::Again(std::optional<Milliseconds> retry_after) {
  if (++failures_ >= policy_.attempts || stop_.stop_requested()) return false;
  const int doublings = std::min(failures_ - 1, 30);
  const auto cap = std::min<int64_t>(policy_.max_delay.count(),
                                     policy_.first_delay.count() * (int64_t{1} << doublings));
  const Milliseconds wait = std::max(Milliseconds(int64_t(double(cap) * timing_.Random())),
                                     retry_after.value_or(Milliseconds(0)));
  if (timing_.Now() + wait - begin_ > policy_.max_total) return false;
  timing_.Sleep(wait, stop_);
  return !stop_.stop_requested();
}

bool IsRetryableStatus(int status) {
  return status == 408 || status == 429 || (status >= 500 && status != 501);
}

std::optional<Milliseconds> RetryAfter(const HttpHeaders& headers) {
  const auto text = headers.Get("Retry-After");
  if (!text) return std::nullopt;
  int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), seconds);
  if (error != std::errc() || end != text->data() + text->size() || seconds < 0) {
    return std::nullopt;
  }
  return Seconds(std::min<int64_t>(seconds, 3600));
}

}  // namespace gnosis
