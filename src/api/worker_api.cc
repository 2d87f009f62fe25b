#include "api/worker_api.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <stop_token>
#include <utility>

#include "api/metrics.h"
#include "api/reply.h"
#include "base/log.h"
#include "door/access.h"
#include "door/problem.h"

namespace gnosis {
namespace {

constexpr size_t kMaxBodyBytes = 8 << 10;

// The readers of this worker, and the batches that use them.
class ReaderPool {
 public:
  explicit ReaderPool(std::vector<std::unique_ptr<PageReader>> readers)
      : readers_(std::move(readers)) {
    for (const auto& reader : readers_)
      documents_.push_back(std::make_unique<DocumentReader>(*reader));
    for (const auto& document : documents_) free_.push_back(document.get());
  }

  // nullptr: all are busy, or the worker is stopping.
  DocumentReader* Take() {
    std::lock_guard lock(mutex_);
    if (free_.empty() || stop_.stop_requested()) return nullptr;
    DocumentReader* reader = free_.back();
    free_.pop_back();
    return reader;
  }
  void GiveBack(DocumentReader* reader) {
    std::lock_guard lock(mutex_);
    free_.push_back(reader);
    returned_.notify_all();
  }
  void Stop(Milliseconds grace) {
    std::unique_lock lock(mutex_);
    stop_.request_stop();
    const auto all_back = [&] { return free_.size() == documents_.size(); };
    if (returned_.wait_for(lock, grace, all_back)) return;
    for (const auto& reader : readers_) reader->Interrupt();
    returned_.wait(lock, all_back);
  }
  std::stop_token stop_token() const { return stop_.get_token(); }
  int size() const { return int(documents_.size()); }

 private:
  const std::vector<std::unique_ptr<PageReader>> readers_;
  std::vector<std::unique_ptr<DocumentReader>> documents_;
  std::stop_source stop_;
  std::mutex mutex_;
  std::condition_variable returned_;
  std::vector<DocumentReader*> free_;
};

struct WorkerCore {
  ActionContext actions;
  BatchProcessor& processor;
  ReaderPool readers;
  const TokenGate gate;
  const Seconds stalled_after;
  const std::unique_ptr<Metrics> metrics = NewMetrics();
};

HttpResponse Redeliver(std::string code, std::string detail) {
  return ProblemResponse(
      {500, std::move(code), std::move(detail), "the task will be delivered again", {}, {}});
}

HttpResponse RunBatch(WorkerCore& core, const Task& task) {
  DocumentReader* reader = core.readers.Take();
  if (reader == nullptr) return Redeliver("unavailable", "all readers of this worker are busy");
  const BatchReport report = core.processor.Run(task, *reader, core.readers.stop_token());
  if (report.verdict == BatchReport::Verdict::kRetry) reader->Forget();
  core.readers.GiveBack(reader);
  core.metrics->NoteBatch(report);
  if (report.verdict == BatchReport::Verdict::kAcknowledge) {
    return report.pages_processed > 0
               ? JsonResponse(200, {{"status", "batch_processed"},
                                    {"pages_processed", report.pages_processed}})
               : JsonResponse(200, {{"status", "no_pending_pages"}});
  }
  const Error error = report.error.value_or(Error{ErrorCode::kInternal, "", ""});
  Log(LogLevel::kWarning, "a batch will be delivered again",
      {{"session", task.session.session_id}, {"reason", ErrorText(error)}});
  return Redeliver(std::string(ErrorCodeName(error.code)), "the batch was not completed");
}

HttpResponse Process(WorkerCore& core, const std::string& body) {
  const auto task = DecodeTask(body);
  if (!task.ok()) {
    // Delivering it again would not make it valid.
    Log(LogLevel::kError, "a task could not be parsed", {{"reason", task.error().message}});
    return ErrorResponse(task.error(), "");
  }
  return RunBatch(core, *task);
}

HttpResponse Recover(WorkerCore& core, const std::string&) {
  const auto report = RecoverAll(core.actions, Leases::kRespect, core.stalled_after);
  const auto swept = report.ok() ? Sweep(core.actions) : Result<SweepReport>(report.error());
  if (!swept.ok()) {
    Log(LogLevel::kWarning, "recovery was not completed", {{"reason", swept.error().message}});
    return Redeliver("unavailable", "recovery was not completed");
  }
  return JsonResponse(200, {{"unfinished", report->unfinished},
                            {"enqueued", report->enqueued},
                            {"cleaned", report->cleaned},
                            {"expired", swept->expired}});
}

HttpResponse ShowWorkerMetrics(WorkerCore& core, const std::string&) {
  HttpResponse response = TextResponse(200, "text/plain; version=0.0.4; charset=utf-8",
                                       core.metrics->Render(0, core.readers.size()));
  return response;
}

HttpResponse Alive(WorkerCore&, const std::string&) {
  return JsonResponse(200, {{"status", "alive"}});
}

HttpResponse Ready(WorkerCore& core, const std::string&) {
  const bool ready = !core.readers.stop_token().stop_requested();
  return JsonResponse(ready ? 200 : 503, {{"status", ready ? "ready" : "not_ready"}});
}

enum class Door { kQueuesOnly, kOpen };
struct WorkerRoute {
  std::string_view method;
  std::string_view path;
  Door door;
  HttpResponse (*answer)(WorkerCore& core, const std::string& body);
};
constexpr WorkerRoute kRoutes[] = {
    {"POST", "/process-ocr-batch", Door::kQueuesOnly, &Process},
    {"POST", "/internal/recover", Door::kQueuesOnly, &Recover},
    {"GET", "/metrics", Door::kQueuesOnly, &ShowWorkerMetrics},
    {"GET", "/livez", Door::kOpen, &Alive},
    {"GET", "/readyz", Door::kOpen, &Ready},
};

class WorkerExchange final : public Exchange {
 public:
  WorkerExchange(WorkerCore& core, const WorkerRoute& route) : core_(core), route_(route) {}

  Status OnBody(std::string_view bytes) override {
    if (body_.size() + bytes.size() > kMaxBodyBytes) {
      return Error{ErrorCode::kTooLarge, "the request body is too large", ""};
    }
    body_ += bytes;
    return Ok();
  }
  Answer End(Why why) override {
    HttpResponse response =
        why == Why::kBodyFailed
            ? ErrorResponse(
                  {ErrorCode::kInvalidArgument, "the request body was cut off or is too large", ""},
                  "")
            : route_.answer(core_, body_);
    AddSafetyHeaders(response);
    return response;
  }

 private:
  WorkerCore& core_;
  const WorkerRoute& route_;
  std::string body_;
};

class RefusedExchange final : public Exchange {
 public:
  explicit RefusedExchange(const Problem& problem) : response_(ProblemResponse(problem)) {
    AddSafetyHeaders(response_);
  }
  Status OnBody(std::string_view) override {
    return Error{ErrorCode::kInvalidArgument, "the request was refused", ""};
  }
  Answer End(Why) override { return std::move(response_); }

 private:
  HttpResponse response_;
};

class HttpWorkerApi final : public WorkerApi {
 public:
  explicit HttpWorkerApi(WorkerWorld world)
      : core_{world.actions, world.processor, ReaderPool(std::move(world.readers)),
              std::move(world.gate), world.stalled_after} {}

  std::unique_ptr<Exchange> Start(HttpRequest request) override {
    const bool known_path =
        std::any_of(std::begin(kRoutes), std::end(kRoutes),
                    [&](const auto& route) { return route.path == request.path; });
    const auto* route =
        std::find_if(std::begin(kRoutes), std::end(kRoutes), [&](const auto& route) {
          return route.path == request.path && route.method == request.method;
        });
    if (route == std::end(kRoutes)) return Refuse(known_path ? 405 : 404, "not_found");
    if (route->door == Door::kOpen) return std::make_unique<WorkerExchange>(core_, *route);
    // The queue's headers (X-CloudTasks-*) can be forged by anyone: nothing is trusted before this
    // check.
    const TokenVerdict verdict = core_.gate(PresentedSecret(request.headers).value_or(""));
    if (verdict.say == TokenVerdict::Say::kWelcome) {
      return std::make_unique<WorkerExchange>(core_, *route);
    }
    Log(LogLevel::kWarning, "a request to the worker was refused",
        {{"path", std::string(route->path)},
         {"address", request.remote_address},
         {"reason", verdict.why}});
    return verdict.say == TokenVerdict::Say::kForbidden ? Refuse(403, "forbidden")
                                                        : Refuse(401, "unauthorized");
  }

  bool IsQuick(const HttpRequest& request) const override { return request.path == "/livez"; }

  void Stop(Milliseconds grace) override { core_.readers.Stop(grace); }

 private:
  static std::unique_ptr<Exchange> Refuse(int status, std::string code) {
    return std::make_unique<RefusedExchange>(
        Problem{status, std::move(code), std::string(ReasonPhrase(status)), "", {}, {}});
  }

  WorkerCore core_;
};

}  // namespace

std::unique_ptr<WorkerApi> NewWorkerApi(WorkerWorld world) {
  return std::make_unique<HttpWorkerApi>(std::move(world));
}

}  // namespace gnosis
