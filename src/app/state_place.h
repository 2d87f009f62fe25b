// The place where state lives, for commands that need only that: this machine's data folder, or the
// bucket if RUNNING_IN_CLOUD is set.
#pragma once

#include <memory>

#include "app/cloud_clients.h"
#include "app/settings.h"
#include "base/result.h"
#include "session/object_store.h"

namespace gnosis {

struct StatePlace {
  std::unique_ptr<CloudClients> clients;  // outlives the store; nullptr on one machine
  std::unique_ptr<ObjectStore> store;
};
// Creates the data folder if it is missing.
Result<StatePlace> OpenState(const Settings& settings);

}  // namespace gnosis
