#include "app/cloud_ending.h"

#include "net/retry.h"

namespace gnosis {

CloudEnding::CloudEnding(Ending& ending, CloudClients& clients, Milliseconds grace)
    : thread_([&ending, &clients, grace](const std::stop_token& over) {
        if (!ending.Wait(over)) return;
        Timing().Sleep(grace, over);
        clients.Stop();
      }) {}

}  // namespace gnosis
