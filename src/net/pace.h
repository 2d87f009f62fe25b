// How long a client may keep us waiting: at most a fixed time per wait, and in total that time plus
// the time its bytes take at the lowest allowed rate. Otherwise a client that moves a byte now and
// then could hold a connection forever.
//
// The life of a pace: one body, in either direction; informed of every wait and every byte.
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

  // The limit for the next wait; 0: its time is used up.
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
