// Time that stands still until a test moves it.
#pragma once

#include "base/clock.h"

namespace gnosis {

class HandClock final : public Clock {
 public:
  Time now = *ParseTime("2026-01-02T03:04:05Z");
  Time Now() override { return now; }
};

}  // namespace gnosis
