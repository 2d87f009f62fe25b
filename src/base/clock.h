// Time of day. Policy functions take the time as an argument; only the outermost code owns a Clock.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace gnosis {

using Milliseconds = std::chrono::milliseconds;
using Seconds = std::chrono::seconds;
using Time = std::chrono::sys_time<Milliseconds>;

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Time Now() = 0;
};

// The machine's wall clock; lives for the whole program.
Clock& SystemClock();

// RFC 3339 in UTC: "2025-07-11T18:00:00Z", with ".123" if there are milliseconds.
std::string FormatTime(Time time);
// Accepts what FormatTime writes, with any number of fraction digits, and nothing else ("+02:00" is
// refused).
std::optional<Time> ParseTime(std::string_view text);

}  // namespace gnosis
