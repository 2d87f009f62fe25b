// Ensures that a cloud service ends in time, even if calls to the cloud hang.
#pragma once

#include <thread>

#include "app/cloud_clients.h"
#include "app/ending.h"
#include "base/clock.h"

namespace gnosis {

// Once the end has begun, work in progress has this long to finish: to answer, to give pages back.
// Then calls to the cloud are ended, and the threads waiting for them continue.
class CloudEnding {
 public:
  // Both must outlive it.
  CloudEnding(Ending& ending, CloudClients& clients, Milliseconds grace);

 private:
  std::jthread thread_;
};

}  // namespace gnosis
