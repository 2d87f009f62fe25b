#include "api/problem.h"

#include <fmt/format.h>

#include <array>
#include <string_view>
#include <utility>

#include "base/json.h"
#include "base/log.h"

namespace gnosis {
namespace {

struct CodeRule {
  ErrorCode code;
  int status;
  int retry_after_s;        // 0: repeating will not help
  std::string_view detail;  // "": what the error says
  std::string_view hint;
};

constexpr std::string_view kSeeLog = "the server's log says more; look for the X-Request-Id";

constexpr std::array kRules{
    CodeRule{ErrorCode::kInvalidArgument, 400, 0, "", ""},
    CodeRule{ErrorCode::kNotFound, 404, 0, "", ""},
    CodeRule{ErrorCode::kPreconditionFailed, 409, 1, "somebody else changed it at the same moment",
             "repeat the request"},
    CodeRule{ErrorCode::kGone, 410, 0, "", ""},
    CodeRule{ErrorCode::kConflict, 409, 0, "", ""},
    CodeRule{ErrorCode::kUnsupportedMediaType, 415, 0, "", ""},
    CodeRule{ErrorCode::kPasswordRequired, 422, 0, "", ""},
    CodeRule{ErrorCode::kDamaged, 422, 0, "", ""},
    CodeRule{ErrorCode::kNoPages, 422, 0, "", ""},
    CodeRule{ErrorCode::kTooLarge, 413, 0, "", ""},
    CodeRule{ErrorCode::kMissingLanguage, 422, 0, "", ""},
    CodeRule{ErrorCode::kUnsupportedFormat, 422, 0, "", ""},
    CodeRule{ErrorCode::kDiskFull, 507, 60, "the server's disk is full",
             "make room on the server's disk and repeat the request; finished pages are kept"},
    CodeRule{ErrorCode::kPermission, 500, 0, "the server may not read or write its own files",
             kSeeLog},
    CodeRule{ErrorCode::kTimeout, 503, 10, "the work took longer than its limit",
             "repeat the request when the server is less busy"},
    CodeRule{ErrorCode::kChildDied, 422, 0, "the document made the program that opens it crash",
             "repair it, for example by printing it to a new PDF"},
    CodeRule{ErrorCode::kUnavailable, 503, 5, "the server cannot do this right now",
             "repeat the request in a moment; nothing that is finished is lost"},
    CodeRule{ErrorCode::kInterrupted, 503, 5, "the request was cut off, or the server is stopping",
             "repeat the request in a moment"},
    CodeRule{ErrorCode::kIo, 500, 0, "the server could not read or write its files", kSeeLog},
    CodeRule{ErrorCode::kInternal, 500, 0, "the server made a mistake", kSeeLog},
};

const CodeRule& RuleFor(ErrorCode code) {
  for (const CodeRule& rule : kRules) {
    if (rule.code == code) return rule;
  }
  return kRules.back();
}

}  // namespace

Problem ProblemOf(const Error& error) {
  const CodeRule& rule = RuleFor(error.code);
  Problem problem;
  problem.status = rule.status;
  problem.code = ErrorCodeName(error.code);
  problem.detail = rule.detail.empty() ? error.message : std::string(rule.detail);
  problem.hint = rule.detail.empty() ? error.hint : std::string(rule.hint);
  if (rule.retry_after_s > 0) problem.retry_after_s = rule.retry_after_s;
  return problem;
}

HttpResponse ProblemResponse(const Problem& problem) {
  Json json = {{"type", "about:blank"},
               {"title", ReasonPhrase(problem.status)},
               {"status", problem.status},
               {"code", problem.code},
               {"detail", problem.detail}};
  if (!problem.hint.empty()) json["hint"] = problem.hint;
  if (problem.page) json["page"] = *problem.page;
  HttpResponse response =
      TextResponse(problem.status, "application/problem+json", DumpJson(json) + "\n");
  if (problem.retry_after_s) {
    response.headers.Set("Retry-After", fmt::to_string(*problem.retry_after_s));
  }
  return response;
}

HttpResponse ErrorResponse(const Error& error, const std::string& request_id) {
  const Problem problem = ProblemOf(error);
  if (problem.status >= 500) {
    // Whoever hangs up in the middle is no trouble of ours.
    const bool hung_up = error.code == ErrorCode::kInterrupted;
    Log(hung_up ? LogLevel::kInfo : LogLevel::kError, "request failed",
        {{"request_id", request_id},
         {"code", std::string(ErrorCodeName(error.code))},
         {"reason", error.message}});
  }
  return ProblemResponse(problem);
}

}  // namespace gnosis
