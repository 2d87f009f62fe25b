#include "app/command_serve.h"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <thread>

#include "api/api.h"
#include "api/key_ring.h"
#include "app/folder_lock.h"
#include "app/interrupt.h"
#include "app/local_home.h"
#include "app/machine.h"
#include "base/log.h"
#include "net/http_server.h"
#include "session/disk_store.h"

namespace gnosis {
namespace {

constexpr Milliseconds kRequestGrace{2'000};
constexpr Milliseconds kPageGrace{5'000};
constexpr std::chrono::minutes kSweepEvery{10};

// Lets the main thread wait for a signal, and other threads wait for the end with it.
class Ending {
 public:
  void Begin() {
    std::lock_guard lock(mutex_);
    begun_ = true;
    changed_.notify_all();
  }
  void Wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return begun_; });
  }
  // True: the end has begun.
  bool WaitFor(std::chrono::seconds time) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, time, [&] { return begun_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool begun_ = false;
};

void LogSweep(const Result<SweepReport>& swept) {
  if (!swept.ok()) {
    Log(LogLevel::kWarning, "expired sessions could not be swept",
        {{"reason", swept.error().message}});
  } else if (swept->expired > 0) {
    Log(LogLevel::kInfo, "swept", {{"expired", fmt::to_string(swept->expired)}});
  }
}

void LogUploadSweep(const Result<int>& swept) {
  if (!swept.ok()) {
    Log(LogLevel::kWarning, "expired uploads could not be swept",
        {{"reason", swept.error().message}});
  } else if (*swept > 0) {
    Log(LogLevel::kInfo, "swept uploads", {{"expired", fmt::to_string(*swept)}});
  }
}

// Nobody else is at work here (the folder's lock): what is half-made is rubbish, what is unfinished
// goes on.
Status TidyUpAndRecover(LocalHome& home) {
  for (const char* folder : {"users/", "unfinished/", "uploads/"}) {
    RETURN_IF_ERROR(RemoveTemporaryFiles(home.root(), folder));
  }
  const auto abandoned = RemoveAbandonedUploads(home.actions());
  if (!abandoned.ok()) return abandoned.error();
  ASSIGN_OR_RETURN(const RecoveryReport recovered, RecoverAll(home.actions(), Leases::kBreak));
  if (recovered.unfinished > 0 || *abandoned > 0) {
    Log(LogLevel::kInfo, "recovered",
        {{"unfinished", fmt::to_string(recovered.unfinished)},
         {"enqueued", fmt::to_string(recovered.enqueued)},
         {"abandoned_uploads", fmt::to_string(*abandoned)}});
  }
  return Ok();
}

ApiOptions OptionsFor(const Settings& settings, const LocalHome& home, const SealReport& seal) {
  return {.version = kProgramVersion,
          .engines = {"fast", "tesseract"},
          .models = home.models(),
          .max_upload_bytes = settings.max_upload_bytes,
          .max_pages = settings.max_pages,
          .data_folder = home.root().string(),
          .seal = seal,
          .access = settings.access,
          .limits = settings.api_limits,
          .owner_limits = settings.owner_limits,
          .uploads = settings.uploads,
          .web = EmbeddedWebAssets()};
}

// Nobody shall find out from strangers that the service was open to them.
Status CheckWhoMayCall(const Settings& settings, ObjectStore& store) {
  ASSIGN_OR_RETURN(const std::vector<ApiKey> keys, ReadApiKeys(store));
  const bool network = settings.access.hosts.exposure == Exposure::kNetwork;
  if (!network || !keys.empty()) return Ok();
  if (!settings.insecure_no_auth) {
    return Error{ErrorCode::kPermission,
                 settings.http.host + " is not a loopback address, and there are no API keys",
                 "make one with: gnosis-ocr keys add NAME --owner E-MAIL; or let everybody who can "
                 "reach it in, with --insecure-no-auth"};
  }
  Log(LogLevel::kWarning, "everybody who can reach the service may use it",
      {{"host", settings.http.host}});
  return Ok();
}

// Each connection is a descriptor; the rest is for documents, pipes and files.
HttpServerOptions FitToDescriptors(HttpServerOptions http) {
  constexpr uint64_t kForEverythingElse = 256;
  const uint64_t limit = RaiseDescriptorLimit();
  const uint64_t room = limit - std::min(limit / 2, kForEverythingElse);
  if (uint64_t(http.max_connections) > room) {
    Log(LogLevel::kWarning, "fewer connections than MAX_CONNECTIONS: too few open files allowed",
        {{"max_connections", fmt::to_string(room)}, {"open_files", fmt::to_string(limit)}});
    http.max_connections = int(room);
  }
  return http;
}

}  // namespace

ExitCode RunServe(const Settings& settings) {
  Ending ending;
  const InterruptWatch watch([&] { ending.Begin(); });
  auto made = LocalHome::Make(settings, settings.data_dir, settings.owner_limits);
  if (!made.ok()) return ReportError(made.error());
  LocalHome& home = **made;
  const auto lock = FolderLock::Try(home.root(), LockKind::kAlone);
  if (!lock.ok()) return ReportError(lock.error());
  if (!*lock) {
    return ReportError({ErrorCode::kUnavailable,
                        "another gnosis-ocr is using " + home.root().string(),
                        "stop it, or set GNOSIS_DATA_DIR to another folder"});
  }
  const Status guarded = CheckWhoMayCall(settings, home.store());
  if (!guarded.ok()) return ReportError(guarded.error());
  const auto seal = home.ProbeSeal();
  if (!seal.ok()) return ReportError(seal.error());
  const auto uploads =
      NewDiskPartialUploads(home.root(), home.store(), SystemClock(), settings.uploads);
  const auto api = NewApi({.actions = home.actions(),
                           .admission = home.admission(),
                           .queue_depth = [&] { return home.queue().Depth(); },
                           .live_workers = [&] { return settings.workers; },
                           .free_disk_bytes = [&] { return FreeDiskBytes(home.root()); },
                           .free_memory_bytes = [] { return FreeMemoryBytes(); },
                           .uploads = uploads.get()},
                          OptionsFor(settings, home, *seal));
  auto server = StartHttpServer(FitToDescriptors(settings.http), *api);
  if (!server.ok()) return ReportError(server.error());
  if (Status tidy = TidyUpAndRecover(home); !tidy.ok()) return ReportError(tidy.error());
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
