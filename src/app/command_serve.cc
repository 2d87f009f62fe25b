#include "app/command_serve.h"

#include <fmt/format.h>

#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <thread>

#include "api/api.h"
#include "app/folder_lock.h"
#include "app/interrupt.h"
#include "app/local_home.h"
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

// Nobody else is at work here (the folder's lock): what is half-made is rubbish, what is unfinished
// goes on.
Status TidyUpAndRecover(LocalHome& home) {
  for (const char* folder : {"users/", "unfinished/"}) {
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
          .seal = seal};
}

Result<std::unique_ptr<HttpServer>> Listen(const Settings& settings, Api& api) {
  if (!IsLoopback(settings.host)) {
    return Error{ErrorCode::kInvalidArgument, settings.host + " is not a loopback address",
                 "this version has no accounts and listens on loopback only; put a proxy with "
                 "authentication in front of it"};
  }
  // The form around a document of the largest size needs some room, too.
  constexpr uint64_t kFormBytes = 1 << 20;
  return StartHttpServer({.host = settings.host,
                          .port = settings.port,
                          .max_body_bytes = settings.max_upload_bytes + kFormBytes,
                          .body_limit_hint = "raise MAX_UPLOAD_BYTES, or split the document"},
                         api);
}

}  // namespace

bool IsLoopback(const std::string& host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

ExitCode RunServe(const Settings& settings) {
  Ending ending;
  const InterruptWatch watch([&] { ending.Begin(); });
  auto made = LocalHome::Make(settings, settings.data_dir);
  if (!made.ok()) return ReportError(made.error());
  LocalHome& home = **made;
  const auto lock = FolderLock::Try(home.root(), LockKind::kAlone);
  if (!lock.ok()) return ReportError(lock.error());
  if (!*lock) {
    return ReportError({ErrorCode::kUnavailable,
                        "another gnosis-ocr is using " + home.root().string(),
                        "stop it, or set GNOSIS_DATA_DIR to another folder"});
  }
  const auto seal = home.ProbeSeal();
  if (!seal.ok()) return ReportError(seal.error());
  const auto api = NewApi({.actions = home.actions(),
                           .admission = home.admission(),
                           .queue_depth = [&] { return home.queue().Depth(); },
                           .live_workers = [&] { return settings.workers; }},
                          OptionsFor(settings, home, *seal));
  auto server = Listen(settings, *api);
  if (!server.ok()) return ReportError(server.error());
  if (Status tidy = TidyUpAndRecover(home); !tidy.ok()) return ReportError(tidy.error());
  home.StartWorkers(
      [&](const Task& task, const BatchReport& report) { api->NoteBatch(task, report); },
      ChildOptions::Models::kLoadedInTemplate);
  std::thread sweeper([&] {
    do {
      LogSweep(Sweep(home.actions()));
    } while (!ending.WaitFor(kSweepEvery));
  });
  Log(LogLevel::kInfo, "listening",
      {{"url", fmt::format("http://{}:{}", settings.host, (*server)->port())},
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
