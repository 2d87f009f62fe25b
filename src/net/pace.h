// How long a client may keep us waiting: at most so long at a time, and in all so long plus the
// time that what it moved takes at the lowest allowed rate. Who moves a byte now and then could
// otherwise hold a connection for ever.
//
// The life of a pace: one body, in either direction; told of every wait and of every byte.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "base/clock.h"

namespace gnosis {

class Pace {
 public:
  Pace(Milliseconds longest_pause, uint64_t min_bytes_per_second)
      : longest_pause_(longest_pause), rate_(std::max<uint64_t>(1, min_bytes_per_second)) {}

  void Restart() { *this = Pace(longest_pause_, rate_); }
  void Moved(uint64_t bytes) { moved_bytes_ += bytes; }
  void Waited(std::chrono::steady_clock::duration time) { waited_ += time; }

  // For the next wait; 0: it has had its time.
  Milliseconds Patience() const {
    const uint64_t earned_s = std::min<uint64_t>(moved_bytes_ / rate_, kEnoughSeconds);
    const Milliseconds in_all = longest_pause_ + Milliseconds(int64_t(earned_s * 1000));
    const auto left = std::chrono::ceil<Milliseconds>(in_all - waited_);
    return std::clamp(left, Milliseconds{0}, longest_pause_);
  }

 private:
  static constexpr uint64_t kEnoughSeconds = 1'000'000'000;  // no overflow beyond

  Milliseconds longest_pause_;
  uint64_t rate_;
  uint64_t moved_bytes_ = 0;
  std::chrono::steady_clock::duration waited_{};
};

}  // namespace gnosis
