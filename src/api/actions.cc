// POST /jobs/{id}/retry, POST /jobs/{id}/cancel, DELETE /jobs/{id}.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "api/handlers.h"
#include "api/overload.h"
#include "api/problem.h"
#include "api/reply.h"
#include "engine/languages.h"
#include "task/job_actions.h"

namespace gnosis {
namespace {

constexpr std::array<std::string_view, 5> kRetryFields{"pages", "lang", "rotate", "dpi",
                                                       "password"};
constexpr int64_t kMinDpi = 72;
constexpr int64_t kMaxDpi = 600;

Error BadField(std::string_view field, std::string_view hint) {
  return Error{ErrorCode::kInvalidArgument,
               fmt::format("the field \"{}\" cannot be understood", field), std::string(hint)};
}

Status CheckFields(const Json& json) {
  const Error wrong{ErrorCode::kInvalidArgument, "the body is not what retry takes",
                    R"(a JSON object like {"pages":[3],"lang":"deu","rotate":90,"dpi":300,)"
                    R"("password":"..."}, or nothing: then every failed page is read again)"};
  if (!json.is_object()) return wrong;
  for (const auto& [name, value] : json.items()) {
    if (std::find(kRetryFields.begin(), kRetryFields.end(), name) == kRetryFields.end()) {
      return wrong;
    }
  }
  return Ok();
}

Result<std::vector<int>> ReadPages(const Json& pages) {
  const Error wrong = BadField("pages", "a list of page numbers, like [3, 4]");
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

Result<std::vector<std::string>> ReadLanguages(const Json& json, const ModelFolders& models) {
  const auto text = JsonString(json, "lang");
  if (!text) return BadField("lang", "installed languages joined by +, like \"eng+deu\"");
  ASSIGN_OR_RETURN(auto languages, ParseLanguages(*text));
  const auto folder = FolderWithLanguages(models, languages);
  if (!folder.ok()) return folder.error();
  return languages;
}

Result<PageOverride> ReadOverride(const Json& json, const ModelFolders& models) {
  PageOverride options;
  if (json.contains("lang")) {
    ASSIGN_OR_RETURN(options.languages, ReadLanguages(json, models));
  }
  if (json.contains("rotate")) {
    const auto rotate = JsonInteger(json, "rotate");
    if (!rotate || *rotate < 0 || *rotate > 270 || *rotate % 90 != 0) {
      return BadField("rotate", "degrees clockwise: 0, 90, 180 or 270");
    }
    options.rotate = int(*rotate);
  }
  if (json.contains("dpi")) {
    const auto dpi = JsonInteger(json, "dpi");
    if (!dpi || *dpi < kMinDpi || *dpi > kMaxDpi) {
      return BadField("dpi", fmt::format("a whole number, {} to {}", kMinDpi, kMaxDpi));
    }
    options.dpi = int(*dpi);
  }
  return options;
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
    if (!password) return BadField("password", "a text");
    request.password = *password;
  }
  return request;
}

// 202 also when the job is final again before the answer is made.
Result<HttpResponse> Accepted(Call& call, const SessionKey& session) {
  ASSIGN_OR_RETURN(const JobStatus status, ReadJob(call, session));
  HttpResponse response = JobResponse(status);
  response.status = 202;
  return response;
}

}  // namespace

Result<HttpResponse> RetryJob(Call& call) {
  ASSIGN_OR_RETURN(const SessionKey session, SessionOf(call));
  ASSIGN_OR_RETURN(const RedoRequest request, ReadRedoRequest(call.body, call.core.options.models));
  // First of all there must be a job: after this "not found" means a page.
  const auto job = ReadJob(call, session);
  if (!job.ok()) return job.error();
  if (const auto problem = CheckRoom(call.core, 0)) return ProblemResponse(*problem);
  RETURN_IF_ERROR(
      call.core.world.admission.MayReadAgain(call.caller.owner, session, request.password));
  RETURN_IF_ERROR(RedoSession(call.core.world.actions, session, call.caller.owner, request));
  return Accepted(call, session);
}

Result<HttpResponse> CancelJob(Call& call) {
  ASSIGN_OR_RETURN(const SessionKey session, SessionOf(call));
  ASSIGN_OR_RETURN(const JobStatus job, ReadJob(call, session));
  if (job.state != SessionState::kCancelled) {
    const Status cancelled = CancelSession(call.core.world.actions, session);
    if (!cancelled.ok()) return JobError(call, session, cancelled.error());
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
