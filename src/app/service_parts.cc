#include "app/service_parts.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/web_assets.h"
#include "app/machine.h"
#include "base/log.h"
#include "door/key_ring.h"

namespace gnosis {

ExitCode RefuseToStart(const Error& error) {
  const ExitCode code = ReportError(error);
  return code == ExitCode::kInterrupted ? code : ExitCode::kEnvironment;
}

Status CheckWhoMayCall(const Settings& settings, ObjectStore& store) {
  ASSIGN_OR_RETURN(const std::vector<ApiKey> keys, ReadApiKeys(store));
  const bool network = settings.access.hosts.exposure == Exposure::kNetwork;
  const bool tokens = settings.cloud.on &&
                      (!settings.cloud.oidc_issuer.empty() || !settings.cloud.iap_audience.empty());
  if (!network || !keys.empty() || tokens) return Ok();
  if (!settings.insecure_no_auth) {
    return Error{ErrorCode::kPermission,
                 settings.http.host + " is not a loopback address, and there are no API keys",
                 "add a key with: gnosis-ocr keys add NAME --owner E-MAIL; or let everybody who "
                 "can reach the address use the service, with --insecure-no-auth"};
  }
  Log(LogLevel::kWarning, "everybody who can reach the service may use it",
      {{"host", settings.http.host}});
  return Ok();
}

HttpServerOptions FitToDescriptors(HttpServerOptions http) {
  constexpr uint64_t kForEverythingElse = 256;
  const uint64_t limit = RaiseDescriptorLimit();
  // The socket, and the file being sent over it.
  constexpr uint64_t kOfAConnection = 2;
  const uint64_t room = (limit - std::min(limit / 2, kForEverythingElse)) / kOfAConnection;
  if (uint64_t(http.max_connections) > room) {
    Log(LogLevel::kWarning, "fewer connections than MAX_CONNECTIONS: too few open files allowed",
        {{"max_connections", fmt::to_string(room)}, {"open_files", fmt::to_string(limit)}});
    http.max_connections = int(room);
  }
  return http;
}

ApiOptions ApiOptionsFor(const Settings& settings, const Home& home, const SealReport& seal,
                         const std::string& data_folder) {
  return {.version = kProgramVersion,
          .engines = {"fast", "tesseract"},
          .models = home.models(),
          .max_upload_bytes = settings.max_upload_bytes,
          .max_pages = settings.max_pages,
          .data_folder = data_folder,
          .seal = seal,
          .access = settings.access,
          .limits = settings.api_limits,
          .owner_limits = settings.owner_limits,
          .uploads = settings.uploads,
          .web = EmbeddedWebAssets()};
}

void LogSweep(const Result<SweepReport>& swept) {
  if (!swept.ok()) {
    Log(LogLevel::kWarning, "expired sessions could not be swept",
        {{"reason", swept.error().message}});
  } else if (swept->expired > 0) {
    Log(LogLevel::kInfo, "swept", {{"expired", fmt::to_string(swept->expired)}});
  }
}

}  // namespace gnosis
