// POST /jobs/{id}/retry, POST /jobs/{id}/cancel, DELETE /jobs/{id}.
#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "api/handlers.h"
#include "api/job_wait.h"
#include "api/overload.h"
#include "api/reply.h"
#include "door/problem.h"
#include "languages/languages.h"
#include "task/job_actions.h"

namespace gnosis {
namespace {

Error BadField(std::string_view field, std::string_view hint) {
  return Error{ErrorCode::kInvalidArgument, fmt::format("the field \"{}\" is not valid", field),
               std::string(hint)};
}

Status CheckFields(const Json& json) {
  const Error wrong{ErrorCode::kInvalidArgument, "invalid retry request",
                    R"(send a JSON object like {"pages":[3],"lang":"deu","rotate":90,"dpi":300,)"
                    R"("password":"..."}, or no body to retry every failed page)"};
  if (!json.is_object()) return wrong;
  std::set<std::string_view> known{"pages", "password"};
  for (const PageOption& option : PageOptionTable()) {
    if (option.at_retry) known.insert(option.name);
  }
  for (const auto& [name, value] : json.items()) {
    if (!known.contains(name)) return wrong;
  }
  return Ok();
}

Result<std::vector<int>> ReadPages(const Json& pages) {
  const Error wrong = BadField("pages", "send a list of page numbers, like [3, 4]");
  if (!pages.is_array() || pages.empty()) return wrong;
  std::vector<int> numbers;
  for (const Json& page : pages) {
    if (!page.is_number_unsigned() || page.get<uint64_t>() > INT32_MAX) return wrong;
    numbers.push_back(page.get<int>());
  }
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  return numbers;
}

// Numbers must be JSON numbers, everything else strings.
std::optional<std::string> OptionText(const PageOption& option, const Json& value) {
  const bool is_number = option.kind == PageOption::Kind::kInteger;
  if (is_number ? !value.is_number_integer() : !value.is_string()) return std::nullopt;
  return is_number ? DumpJson(value) : value.get<std::string>();
}

Result<PageOverride> ReadOverride(const Json& json, const ModelFolders& models) {
  PageOverride changes;
  PageOptions changed;
  for (const PageOption& option : PageOptionTable()) {
    const auto value = json.find(option.name);
    if (!option.at_retry || value == json.end()) continue;
    const auto text = OptionText(option, *value);
    if (!text) return BadField(option.name, option.what);
    RETURN_IF_ERROR(SetPageOption(option, *text, changed));
    changes.emplace(option.key, *text);
  }
  if (changes.contains("languages")) {
    const auto folder = FolderWithLanguages(models, changed.languages);
    if (!folder.ok()) return folder.error();
  }
  return changes;
}

Result<RedoRequest> ReadRedoRequest(const std::string& body, const ModelFolders& models) {
  RedoRequest request;
  if (body.find_first_not_of(" \t\r\n") == std::string::npos) return request;
  const auto json = ParseJson(body);
  if (!json.ok()) {
    return Error{ErrorCode::kInvalidArgument, "the body: " + json.error().message,
                 "send a JSON object, or no body at all"};
  }
  RETURN_IF_ERROR(CheckFields(*json));
  if (json->contains("pages")) {
    ASSIGN_OR_RETURN(request.pages, ReadPages((*json)["pages"]));
  }
  ASSIGN_OR_RETURN(request.options, ReadOverride(*json, models));
  if (json->contains("password")) {
    const auto password = JsonString(*json, "password");
    if (!password) return BadField("password", "send it as a string");
    request.password = *password;
  }
  return request;
}

// 202 even if the job is already final again.
Result<HttpResponse> Accepted(Call& call, const SessionKey& session) {
  ASSIGN_OR_RETURN(const JobStatus status, ReadJob(call, session));
  HttpResponse response = JobResponse(status);
  response.status = 202;
  return response;
}

// A document that needs a password is opened with it before anything changes; that may take a
// while.
class RetryExchange final : public Exchange {
 public:
  explicit RetryExchange(Call call) : call_(std::move(call)) {}

  Status OnBody(std::string_view bytes) override {
    const Status taken = TakeSmallBody(call_, bytes);
    if (!taken.ok()) error_ = taken.error();
    return taken;
  }

  Answer End(Why why) override {
    if (!error_ && why == Why::kBodyFailed) {
      error_ = Error{ErrorCode::kInterrupted, "the request body was cut off", ""};
    }
    if (!error_ && !asked_) {
      asked_ = true;
      Keep(Ask());
    }
    if (refusal_) return ProblemResponse(*refusal_);
    if (!error_ && inspection_ && !opened_->Find()) {
      return WaitFor{bell_.subscribe(), kAskAgainAfter};
    }
    if (!error_ && inspection_) Keep(*opened_->Find());
    if (!error_) {
      Keep(RedoSession(call_.core.world.actions, session_, call_.caller.owner, request_));
    }
    if (error_) return ErrorResponse(*error_, call_.request_id);
    auto accepted = Accepted(call_, session_);
    if (!accepted.ok()) return ErrorResponse(accepted.error(), call_.request_id);
    return *std::move(accepted);
  }

 private:
  // Shared with the thread that opens the document.
  struct Opened {
    std::mutex mutex;
    std::optional<Status> status;
    std::optional<Status> Find() {
      std::lock_guard lock(mutex);
      return status;
    }
  };

  void Keep(const Status& status) {
    if (!status.ok()) error_ = status.error();
  }

  Status Ask() {
    ASSIGN_OR_RETURN(session_, SessionOf(call_));
    ASSIGN_OR_RETURN(request_, ReadRedoRequest(call_.body, call_.core.options.models));
    // The job is looked up first, so that a later "not found" means a page.
    const auto job = ReadJob(call_, session_);
    if (!job.ok()) return job.error();
    refusal_ = CheckRoom(call_.core, 0);
    if (refusal_) return Ok();
    Admission& admission = call_.core.world.admission;
    RETURN_IF_ERROR(admission.MayReadAgain(session_, request_.pages));
    auto done = [opened = opened_, bell = bell_](const Result<DocumentInfo>& info) {
      {
        std::lock_guard lock(opened->mutex);
        opened->status = info.ok() ? Ok() : Status(info.error());
      }
      bell.Ring();
    };
    ASSIGN_OR_RETURN(inspection_,
                     admission.StartOpening(session_, request_.password, std::move(done)));
    return Ok();
  }

  Call call_;
  SessionKey session_;
  RedoRequest request_;
  bool asked_ = false;
  std::optional<Problem> refusal_;
  std::optional<Error> error_;
  const std::shared_ptr<Opened> opened_ = std::make_shared<Opened>();
  const Bell bell_;
  std::unique_ptr<Inspection> inspection_;  // destroyed first, so that `done` is no longer called
};

}  // namespace

std::unique_ptr<Exchange> StartRetry(Call call) {
  return std::make_unique<RetryExchange>(std::move(call));
}

Result<HttpResponse> CancelJob(Call& call) {
  ASSIGN_OR_RETURN(const SessionKey session, SessionOf(call));
  // Done first, without checking a cached state: a retry may have followed a cached cancellation.
  const Status cancelled = CancelSession(call.core.world.actions, session);
  if (!cancelled.ok()) {
    ASSIGN_OR_RETURN(const JobStatus job, ReadJob(call, session));
    const bool already =
        cancelled.code() == ErrorCode::kConflict && job.state == SessionState::kCancelled;
    if (!already) return JobError(call, session, cancelled.error());
  }
  return Accepted(call, session);
}

Result<HttpResponse> DeleteJob(Call& call) {
  ASSIGN_OR_RETURN(const SessionKey session, SessionOf(call));
  const Status deleted = DeleteSession(call.core.world.actions, session);
  call.core.job_index.Forget(session);
  if (!deleted.ok()) return JobError(call, session, deleted.error());
  return HttpResponse{204, {}, std::string()};
}

}  // namespace gnosis
