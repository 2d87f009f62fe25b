// Shared start-up code of the service on one machine and in the cloud.
#pragma once

#include "api/api.h"
#include "app/exit_code.h"
#include "app/home.h"
#include "app/settings.h"
#include "net/http_server.h"
#include "task/job_actions.h"
#include "wire/seal_report.h"

namespace gnosis {

// Says why. kEnvironment, whatever is missing or damaged: a service has no input that could be at
// fault. kInterrupted if it was told to end.
ExitCode RefuseToStart(const Error& error);
// Prevents a service from being open to strangers by accident. kPermission if it is on a network
// and neither keys nor tokens are configured.
Status CheckWhoMayCall(const Settings& settings, ObjectStore& store);
// Each connection needs a descriptor; the rest is for documents, pipes and files.
HttpServerOptions FitToDescriptors(HttpServerOptions http);
// `data_folder`: where space is needed.
ApiOptions ApiOptionsFor(const Settings& settings, const Home& home, const SealReport& seal,
                         const std::string& data_folder);
void LogSweep(const Result<SweepReport>& swept);

}  // namespace gnosis
