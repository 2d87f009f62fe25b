// Of this process, user and system.
#pragma once

#include <sys/resource.h>

namespace gnosis {

inline double CpuMilliseconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto milliseconds = [](const timeval& time) {
    return double(time.tv_sec) * 1000 + double(time.tv_usec) / 1000;
  };
  return milliseconds(usage.ru_utime) + milliseconds(usage.ru_stime);
}

template <typename Act>
double CpuMillisecondsOf(Act act) {
  const double begin = CpuMilliseconds();
  act();
  return CpuMilliseconds() - begin;
}

}  // namespace gnosis
