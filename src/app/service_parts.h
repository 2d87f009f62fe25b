// What the service of one machine and that of the cloud have in common when they start.
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
// fault. kInterrupted when it was told to end.
ExitCode RefuseToStart(const Error& error);
// Nobody shall find out from strangers that the service was open to them. kPermission when it is on
// a network and nothing says who may call.
Status CheckWhoMayCall(const Settings& settings, ObjectStore& store);
// Each connection is a descriptor; the rest is for documents, pipes and files.
HttpServerOptions FitToDescriptors(HttpServerOptions http);
// `data_folder`: where there has to be room.
ApiOptions ApiOptionsFor(const Settings& settings, const Home& home, const SealReport& seal,
                         const std::string& data_folder);
void LogSweep(const Result<SweepReport>& swept);

}  // namespace gnosis
