#include <fmt/format.h>

#include <filesystem>
#include <thread>

#include "api/api.h"
#include "api/worker_api.h"
#include "app/cloud_clients.h"
#include "app/cloud_ending.h"
#include "app/commands.h"
#include "app/ending.h"
#include "app/home.h"
#include "app/interrupt.h"
#include "app/machine.h"
#include "app/service_parts.h"
#include "base/log.h"
#include "google/bucket_uploads.h"
#include "net/http_server.h"
#include "task/watch_poller.h"

namespace gnosis {
namespace {

// Cloud Run kills the process ten seconds after SIGTERM. An interrupted batch still writes its
// finished pages; then hanging calls to the cloud are ended, which can take up to a second.
constexpr Milliseconds kBatchGrace{5'000};
constexpr Milliseconds kRequestGrace{3'000};
constexpr Milliseconds kCloudGrace{7'500};
constexpr std::chrono::minutes kRecoverEvery{1};

void LogListening(const Settings& settings, int port, const char* role, const SealReport& seal) {
  Log(LogLevel::kInfo, "listening",
      {{"url", fmt::format("http://{}:{}", settings.http.host, port)},
       {"role", role},
       {"bucket", settings.cloud.bucket},
       {"workers", fmt::to_string(settings.workers)},
       {"sandbox", DescribeSeal(seal)}});
}

// Called by the queue: batches run inside its requests.
ExitCode RunWorker(const Settings& settings, Home& home, const SealReport& seal, Ending& ending) {
  const auto api =
      NewWorkerApi({.actions = home.actions(),
                    .processor = home.processor(),
                    .readers = home.MakeReaders(ChildOptions::Models::kLoadedInTemplate),
                    .gate = home.cloud()->NewWorkerGate(),
                    .stalled_after = settings.cloud.stalled_after});
  HttpServerOptions http = FitToDescriptors(settings.http);
  // A batch occupies a thread while it runs; the other threads answer health checks.
  http.blocking_threads += home.workers();
  auto server = StartHttpServer(http, *api);
  if (!server.ok()) return RefuseToStart(server.error());
  LogListening(settings, (*server)->port(), "worker", seal);
  ending.Wait();
  Log(LogLevel::kInfo, "stopping");
  api->Stop(kBatchGrace);
  (*server)->Stop(kRequestGrace);
  home.cloud()->Stop();
  return ExitCode::kOk;
}

// What a scheduler triggers with POST /internal/recover if there is a worker to call.
void RecoverAndSweep(Home& home, Seconds idle) {
  const auto recovered = RecoverAll(home.actions(), Leases::kRespect, idle);
  if (!recovered.ok()) {
    Log(LogLevel::kWarning, "recovery was not completed", {{"reason", recovered.error().message}});
  }
  LogSweep(Sweep(home.actions()));
}

ExitCode RunWeb(const Settings& settings, Home& home, const SealReport& seal, Ending& ending) {
  if (Status guarded = CheckWhoMayCall(settings, home.store()); !guarded.ok()) {
    return RefuseToStart(guarded.error());
  }
  LocalQueue* const local_queue = home.local_queue();
  const std::string scratch = std::filesystem::temp_directory_path().string();
  ApiOptions options = ApiOptionsFor(settings, home, seal, scratch);
  options.access.token_users = home.cloud()->NewTokenUsers();
  options.stalled_after = settings.cloud.stalled_after;
  const auto uploads = NewBucketUploads(home.cloud()->storage(), SystemClock(), settings.uploads);
  const auto api = NewApi({.actions = home.actions(),
                           .admission = home.admission(),
                           .queue_depth = [&] { return local_queue ? local_queue->Depth() : 0; },
                           .live_workers = [&] { return settings.workers; },
                           .free_disk_bytes = [&] { return FreeDiskBytes(scratch); },
                           .free_memory_bytes = [] { return FreeMemoryBytes(); },
                           .uploads = uploads.get()},
                          options);
  const auto poller = StartWatchPoller(home.book());
  auto server = StartHttpServer(FitToDescriptors(settings.http), *api);
  if (!server.ok()) return RefuseToStart(server.error());
  std::thread recovery;
  if (local_queue != nullptr) {
    home.StartWorkers(
        [&](const Task& task, const BatchReport& report) { api->NoteBatch(task, report); },
        ChildOptions::Models::kLoadedInTemplate);
    recovery = std::thread([&] {
      RecoverAndSweep(home, Seconds(0));
      while (!ending.WaitFor(kRecoverEvery)) RecoverAndSweep(home, settings.cloud.stalled_after);
    });
  }
  LogListening(settings, (*server)->port(), local_queue ? "web and pages" : "web", seal);
  ending.Wait();
  Log(LogLevel::kInfo, "stopping");
  api->StartDraining();
  (*server)->Stop(kRequestGrace);
  home.StopWorkers(kBatchGrace);
  if (recovery.joinable()) recovery.join();
  home.cloud()->Stop();  // inspections in progress are no longer needed
  return ExitCode::kOk;
}

}  // namespace

ExitCode RunServeInCloud(const Settings& settings, const ServiceHomeMaker& make_home) {
  Ending ending;
  const InterruptWatch watch([&] { ending.Begin(); });
  auto home = make_home(settings);
  if (!home.ok()) return RefuseToStart(home.error());
  const CloudEnding cloud_ending(ending, *(*home)->cloud(), kCloudGrace);
  const auto seal = (*home)->ProbeSeal();
  if (!seal.ok()) return RefuseToStart(seal.error());
  return settings.cloud.is_worker ? RunWorker(settings, **home, *seal, ending)
                                  : RunWeb(settings, **home, *seal, ending);
}

}  // namespace gnosis
