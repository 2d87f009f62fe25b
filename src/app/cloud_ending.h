// Sees to it that a service of the cloud ends in time, whatever hangs there.
#pragma once

#include <thread>

#include "app/cloud_clients.h"
#include "app/ending.h"
#include "base/clock.h"

namespace gnosis {

// Once the end has begun, what is under way has so long to come to its own end: to answer, to give
// pages back. Then the calls to the cloud are ended, and all who wait for them go on.
class CloudEnding {
 public:
  // Both must outlive it.
  CloudEnding(Ending& ending, CloudClients& clients, Milliseconds grace);

 private:
  std::jthread thread_;
};

}  // namespace gnosis
