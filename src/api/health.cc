// /livez: the process responds. /readyz: it can do its work; ?verbose=1 lists the checks.
#include <fmt/format.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <string>
#include <utility>
#include <vector>

#include "api/handlers.h"
#include "api/reply.h"
#include "languages/languages.h"

namespace gnosis {
namespace {

// Below this there may not be enough space for a page's image.
constexpr uint64_t kMinFreeBytes = 64 << 20;

struct Check {
  std::string name;
  bool good = false;
  std::string detail;  // without local paths: anyone on this machine may read it
};

Check CheckDisk(const std::string& folder) {
  struct statvfs info {};
  if (statvfs(folder.c_str(), &info) != 0 || access(folder.c_str(), W_OK | X_OK) != 0 ||
      (info.f_flag & ST_RDONLY) != 0) {
    return {"disk", false, "the data folder is not writable"};
  }
  const uint64_t free_bytes = uint64_t(info.f_bavail) * info.f_frsize;
  return {"disk", free_bytes >= kMinFreeBytes, fmt::format("{} bytes free", free_bytes)};
}

Check CheckWorkers(int live_workers) {
  return {"workers", live_workers > 0, fmt::format("{} alive", live_workers)};
}

Check CheckLanguages(const ModelFolders& models) {
  const size_t count = InstalledLanguages(models).size();
  return {"languages", count > 0, fmt::format("{} installed", count)};
}

Check CheckSandbox(const SealReport& seal) {
  return {"sandbox", IsSealed(seal), DescribeSeal(seal)};
}

// Without the reason, which contains paths: it is in the log.
Check CheckKeys(Access& access) {
  const bool good = access.TroubleWithKeys().empty();
  return {"keys", good,
          good ? "good" : "the keys cannot be read, so nobody has access; see the log"};
}

Check CheckDraining(bool draining) {
  return {"accepting", !draining, draining ? "the server is stopping" : "yes"};
}

}  // namespace

Result<HttpResponse> CheckLive(Call&) { return JsonResponse(200, {{"status", "alive"}}); }

Result<HttpResponse> CheckReady(Call& call) {
  auto verbose = call.request.query.find("verbose");
  // Many people type a bare "?verbose".
  const bool bare = verbose != call.request.query.end() && verbose->second.empty();
  bool with_checks = bare;
  if (!bare) {
    ASSIGN_OR_RETURN(with_checks, ReadFlag(call.request, "verbose"));
  }
  const ApiOptions& options = call.core.options;
  const std::vector<Check> checks = {
      CheckDisk(options.data_folder), CheckWorkers(call.core.world.live_workers()),
      CheckLanguages(options.models), CheckSandbox(options.seal),
      CheckKeys(call.core.access),    CheckDraining(call.core.draining)};
  Json failed = Json::array();
  Json list = Json::array();
  for (const Check& check : checks) {
    if (!check.good) failed.push_back(check.name);
    list.push_back({{"name", check.name}, {"good", check.good}, {"detail", check.detail}});
  }
  const bool ready = failed.empty();
  Json json = {{"status", ready ? "ready" : "not_ready"}};
  // Also for callers who may not see more: if the keys are what failed, nobody has a valid one.
  if (!ready) json["failed"] = std::move(failed);
  if (with_checks) json["checks"] = std::move(list);
  HttpResponse response = JsonResponse(ready ? 200 : 503, json);
  if (!ready) response.headers.Set("Retry-After", "5");
  return response;
}

}  // namespace gnosis
