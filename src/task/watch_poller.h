// Asks the store about every session that is being watched, once per interval, because other
// processes write there without notifying this one. For a web instance over a bucket.
#pragma once

#include <memory>

#include "base/clock.h"
#include "task/session_book.h"

namespace gnosis {

// Its destructor waits for its threads.
class WatchPoller {
 public:
  virtual ~WatchPoller() = default;
};

struct WatchPollerOptions {
  Milliseconds interval{1000};
  int threads = 16;  // a check is a few round trips to the store
};
std::unique_ptr<WatchPoller> StartWatchPoller(SessionBook& book, WatchPollerOptions options = {});

}  // namespace gnosis
