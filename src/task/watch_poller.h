// Asks the store about every session that somebody watches, once per interval, because other
// processes write there and tell nobody. For a web instance over a bucket.
#pragma once

#include <memory>

#include "base/clock.h"
#include "task/session_book.h"

namespace gnosis {

// Destroyed: its threads have ended.
class WatchPoller {
 public:
  virtual ~WatchPoller() = default;
};

struct WatchPollerOptions {
  Milliseconds interval{1000};
  int threads = 16;  // a look is a few round trips to the store
};
std::unique_ptr<WatchPoller> StartWatchPoller(SessionBook& book, WatchPollerOptions options = {});

}  // namespace gnosis
