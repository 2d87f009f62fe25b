#include "api/api.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "api/call.h"
#include "api/metrics.h"
#include "api/routes.h"
#include "api/tus_headers.h"
#include "api/uploads.h"
#include "api/web_page.h"
#include "base/id.h"
#include "base/log.h"
#include "door/audit.h"
#include "door/problem.h"

namespace gnosis {
namespace {

constexpr size_t kMaxRequestIdLength = 64;
// The route of the web page's files in metrics.
constexpr std::string_view kWebRoute = "/{page}";
constexpr std::string_view kLivePath = "/livez";

// Collects a small body, then calls the route's handler.
class PlainExchange final : public Exchange {
 public:
  PlainExchange(Call call, PlainHandler handler) : call_(std::move(call)), handler_(handler) {}

  Status OnBody(std::string_view bytes) override {
    const Status taken = TakeSmallBody(call_, bytes);
    if (!taken.ok()) error_ = taken.error();
    return taken;
  }

  Answer End(Why why) override {
    if (error_) return ErrorResponse(*error_, call_.request_id);
    if (why == Why::kBodyFailed) {
      return ErrorResponse({ErrorCode::kInterrupted, "the request body was cut off", ""},
                           call_.request_id);
    }
    auto response = handler_(call_);
    if (!response.ok()) return ErrorResponse(response.error(), call_.request_id);
    return *std::move(response);
  }

 private:
  Call call_;
  const PlainHandler handler_;
  std::optional<Error> error_;
};

HttpResponse RefusalOf(const Problem& problem) {
  HttpResponse response = ProblemResponse(problem);
  if (problem.status == 401) {
    response.headers.Set("WWW-Authenticate", "Bearer realm=\"gnosis-ocr\"");
  }
  return response;
}

// Wraps every exchange: adds common headers, metrics, and a log line.
class TrackedExchange final : public Exchange {
 public:
  struct About {
    std::string method;
    std::string_view route;
    std::string request_id;
    std::optional<Caller> caller;  // nothing: not admitted
    std::optional<AuditedCall> audited;
    bool speaks_tus = false;
  };
  TrackedExchange(ApiCore& core, About about, std::unique_ptr<Exchange> inner)
      : core_(core),
        about_(std::move(about)),
        inner_(std::move(inner)),
        started_(core.world.actions.clock.Now()) {}

  Status OnBody(std::string_view bytes) override { return inner_->OnBody(bytes); }

  Answer End(Why why) override {
    Answer answer = Welcome() ? inner_->End(why) : Answer(RefusalOf(*refusal_));
    if (auto* response = std::get_if<HttpResponse>(&answer)) Finish(*response);
    return answer;
  }

 private:
  // Much time may have passed since the caller was admitted.
  bool Welcome() {
    if (about_.caller) refusal_ = core_.access.CheckStillWelcome(*about_.caller);
    return !refusal_;
  }

  void Finish(HttpResponse& response) {
    AddSafetyHeaders(response);
    response.headers.Set("X-Request-Id", about_.request_id);
    if (about_.speaks_tus) response.headers.Set("Tus-Resumable", std::string(kTusVersion));
    if (about_.audited) LogAction(*about_.audited, response);
    // The wall clock may have been set back meanwhile.
    const Milliseconds took = std::max(Milliseconds{0}, core_.world.actions.clock.Now() - started_);
    core_.metrics.NoteRequest({about_.method, about_.route, response.status, took});
    Log(LogLevel::kDebug, "request answered",
        {{"request_id", about_.request_id},
         {"method", about_.method},
         {"route", std::string(about_.route)},
         {"status", fmt::to_string(response.status)},
         {"duration_ms", fmt::to_string(took.count())}});
  }

  ApiCore& core_;
  const About about_;
  const std::unique_ptr<Exchange> inner_;
  const Time started_;
  std::optional<Problem> refusal_;
};

// The caller's id, if it is safe in a header and in a log line; otherwise a new one.
std::string ChooseRequestId(const HttpRequest& request) {
  const auto given = request.headers.Get("X-Request-Id");
  const auto harmless = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  };
  const bool valid = given && !given->empty() && given->size() <= kMaxRequestIdLength &&
                     std::all_of(given->begin(), given->end(), harmless);
  return valid ? *given : RandomHex(16);
}

HttpResponse NoSuchPath() {
  return ProblemResponse(
      {404, "not_found", "this path does not exist", "see /openapi.json for all paths", {}, {}});
}

HttpResponse NoSuchMethod(const std::string& allow) {
  HttpResponse response = ProblemResponse({405,
                                           "method_not_allowed",
                                           "method not allowed for this path",
                                           "use one of: " + allow,
                                           {},
                                           {}});
  response.headers.Set("Allow", allow);
  return response;
}

HttpResponse Options(const std::string& allow) {
  HttpResponse response{204, {}, std::string()};
  response.headers.Set("Allow", allow);
  return response;
}

// Load balancers need no key; the details of /readyz do.
Access::Door DoorOf(const HttpRequest& request, const RouteMatch& match) {
  const std::string_view pattern = match.route ? match.route->pattern : "";
  if (pattern == "/api/v1/session") return Access::Door::kKnock;
  const bool open =
      pattern == kLivePath || (pattern == "/readyz" && !request.query.contains("verbose"));
  return open ? Access::Door::kOpen : Access::Door::kGuarded;
}

std::optional<AuditedCall> Audit(const HttpRequest& request, const RouteMatch& match,
                                 const Caller& caller, const std::string& request_id) {
  if (match.route == nullptr) return std::nullopt;
  const auto action = AuditedAction(match.route->method, match.route->pattern);
  if (!action) return std::nullopt;
  const auto id = match.parameters.find("id");
  return AuditedCall{*action, caller, request.remote_address,
                     id == match.parameters.end() ? std::string() : id->second, request_id};
}

class HttpApi final : public Api {
 public:
  HttpApi(const ApiWorld& world, const ApiOptions& options)
      : metrics_(NewMetrics()),
        core_{world,
              options,
              *metrics_,
              {world.actions.store, world.actions.clock, options.access},
              StreamSlots(options.limits.max_event_streams),
              {},
              WebAssets(options.web)} {}

  std::unique_ptr<Exchange> Start(HttpRequest request) override {
    ApplyMethodOverride(request);
    RouteMatch match = FindRoute(request.method, request.segments);
    TrackedExchange::About about{request.method, match.route ? match.route->pattern : "",
                                 ChooseRequestId(request)};
    about.speaks_tus = IsUploadPath(request);
    auto page = WebReply(core_.web, request);
    if (page) about.route = kWebRoute;
    auto caller = core_.access.Admit(request, page ? Access::Door::kOpen : DoorOf(request, match));
    std::unique_ptr<Exchange> inner;
    if (const auto* problem = std::get_if<Problem>(&caller)) {
      inner = RefuseWith(RefusalOf(*problem));
    } else if (page) {
      about.caller = std::get<Caller>(caller);
      inner = RefuseWith(*std::move(page));
    } else {
      auto& known = std::get<Caller>(caller);
      about.caller = known;
      about.audited = Audit(request, match, known, about.request_id);
      inner = StartInner({core_, std::move(request), {}, about.request_id, std::move(known), ""},
                         std::move(match));
    }
    return std::make_unique<TrackedExchange>(core_, std::move(about), std::move(inner));
  }

  // A liveness check must be answered even if everything else hangs.
  bool IsQuick(const HttpRequest& request) const override {
    return request.path == kLivePath && (request.method == "GET" || request.method == "HEAD");
  }

  void NoteBatch(const Task&, const BatchReport& report) override { metrics_->NoteBatch(report); }
  void StartDraining() override { core_.draining = true; }

 private:
  static std::unique_ptr<Exchange> StartInner(Call call, RouteMatch match) {
    if (match.allowed.empty()) return RefuseWith(NoSuchPath());
    const std::string allow = AllowHeader(match);
    if (call.request.method == "OPTIONS") {
      HttpResponse response = Options(allow);
      if (IsUploadPath(call.request)) AddTusOptions(call.core.options, response);
      return RefuseWith(std::move(response));
    }
    if (match.route == nullptr) return RefuseWith(NoSuchMethod(allow));
    call.parameters = std::move(match.parameters);
    if (const auto* start = std::get_if<StartHandler>(&match.route->handler)) {
      return (*start)(std::move(call));
    }
    return std::make_unique<PlainExchange>(std::move(call),
                                           std::get<PlainHandler>(match.route->handler));
  }

  const std::unique_ptr<Metrics> metrics_;
  ApiCore core_;
};

}  // namespace

std::unique_ptr<Api> NewApi(const ApiWorld& world, const ApiOptions& options) {
  return std::make_unique<HttpApi>(world, options);
}

}  // namespace gnosis
