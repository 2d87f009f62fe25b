#include <fmt/format.h>

#include <thread>

#include "api/api.h"
#include "app/commands.h"
#include "app/ending.h"
#include "app/folder_lock.h"
#include "app/home.h"
#include "app/interrupt.h"
#include "app/machine.h"
#include "app/service_parts.h"
#include "base/log.h"
#include "net/http_server.h"
#include "session/disk_store.h"
#include "task/deletion.h"

namespace gnosis {
namespace {

constexpr Milliseconds kRequestGrace{2'000};
constexpr Milliseconds kPageGrace{5'000};
constexpr std::chrono::minutes kSweepEvery{10};

void LogUploadSweep(const Result<int>& swept) {
  if (!swept.ok()) {
    Log(LogLevel::kWarning, "expired uploads could not be swept",
        {{"reason", swept.error().message}});
  } else if (*swept > 0) {
    Log(LogLevel::kInfo, "swept uploads", {{"expired", fmt::to_string(*swept)}});
  }
}

// Nobody else is working here (we hold the folder's lock), so incomplete data is removed and
// unfinished jobs are resumed.
Status TidyUpAndRecover(Home& home) {
  for (const char* folder :
       {"users/", "unfinished/", "uploads/", "deleted/", "expired/", "submissions/"}) {
    RETURN_IF_ERROR(RemoveTemporaryFiles(home.root(), folder));
  }
  ASSIGN_OR_RETURN(const DeletionReport deletions, FinishDeletions(home.actions()));
  const auto abandoned = SettleAdmissions(home.actions());
  if (!abandoned.ok()) return abandoned.error();
  ASSIGN_OR_RETURN(const RecoveryReport recovered, RecoverAll(home.actions(), Leases::kBreak));
  if (recovered.unfinished > 0 || *abandoned > 0 || deletions.finished > 0) {
    Log(LogLevel::kInfo, "recovered",
        {{"unfinished", fmt::to_string(recovered.unfinished)},
         {"enqueued", fmt::to_string(recovered.enqueued)},
         {"abandoned_uploads", fmt::to_string(*abandoned)},
         {"deletions", fmt::to_string(deletions.finished)}});
  }
  return Ok();
}

}  // namespace

ExitCode RunServe(const Settings& settings, const ServiceHomeMaker& make_home) {
  if (settings.cloud.on) return RunServeInCloud(settings, make_home);
  Ending ending;
  const InterruptWatch watch([&] { ending.Begin(); });
  auto made = make_home(settings);
  if (!made.ok()) return RefuseToStart(made.error());
  Home& home = **made;
  const auto lock = FolderLock::Try(home.root(), LockKind::kAlone);
  if (!lock.ok()) return RefuseToStart(lock.error());
  if (!*lock) {
    return RefuseToStart({ErrorCode::kUnavailable,
                          "another gnosis-ocr is using " + home.root().string(),
                          "stop it, or set GNOSIS_DATA_DIR to another folder"});
  }
  const Status guarded = CheckWhoMayCall(settings, home.store());
  if (!guarded.ok()) return RefuseToStart(guarded.error());
  const auto seal = home.ProbeSeal();
  if (!seal.ok()) return RefuseToStart(seal.error());
  const auto uploads =
      NewDiskPartialUploads(home.root(), home.store(), SystemClock(), settings.uploads);
  const auto api = NewApi({.actions = home.actions(),
                           .admission = home.admission(),
                           .queue_depth = [&] { return home.local_queue()->Depth(); },
                           .live_workers = [&] { return settings.workers; },
                           .free_disk_bytes = [&] { return FreeDiskBytes(home.root()); },
                           .free_memory_bytes = [] { return FreeMemoryBytes(); },
                           .uploads = uploads.get()},
                          ApiOptionsFor(settings, home, *seal, home.root().string()));
  // Before accepting requests, so that new work is not mistaken for remains of a crash.
  if (const Status tidy = TidyUpAndRecover(home); !tidy.ok()) return RefuseToStart(tidy.error());
  auto server = StartHttpServer(FitToDescriptors(settings.http), *api);
  if (!server.ok()) return RefuseToStart(server.error());
  home.StartWorkers(
      [&](const Task& task, const BatchReport& report) { api->NoteBatch(task, report); },
      ChildOptions::Models::kLoadedInTemplate);
  std::thread sweeper([&] {
    do {
      LogSweep(Sweep(home.actions()));
      LogUploadSweep(uploads->Sweep());
    } while (!ending.WaitFor(kSweepEvery));
  });
  Log(LogLevel::kInfo, "listening",
      {{"url", fmt::format("http://{}:{}", settings.http.host, (*server)->port())},
       {"data", home.root().string()},
       {"workers", fmt::to_string(settings.workers)},
       {"sandbox", DescribeSeal(*seal)}});
  ending.Wait();
  Log(LogLevel::kInfo, "stopping");
  api->StartDraining();
  (*server)->Stop(kRequestGrace);
  home.StopWorkers(kPageGrace);
  sweeper.join();
  return ExitCode::kOk;
}

}  // namespace gnosis
