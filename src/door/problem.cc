#include "door/problem.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "base/json.h"
#include "base/log.h"

namespace gnosis {
namespace {

struct CodeRule {
  int status = 500;
  int retry_after_s = 0;    // 0: retrying will not help
  std::string_view detail;  // "": the message of the error
  std::string_view hint;
};

constexpr std::string_view kSeeLog = "see the server log; look for the X-Request-Id";

// Errors that the caller can fix, reported in the error's own words.
int StatusOfCallersFault(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
      return 400;
    case ErrorCode::kNotFound:
      return 404;
    case ErrorCode::kConflict:
      return 409;
    case ErrorCode::kGone:
      return 410;
    case ErrorCode::kTooLarge:
      return 413;
    case ErrorCode::kUnsupportedMediaType:
      return 415;
    default:
      return 422;
  }
}

// Without a default, so that the compiler reports a missing code.
CodeRule RuleFor(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kNotFound:
    case ErrorCode::kConflict:
    case ErrorCode::kGone:
    case ErrorCode::kTooLarge:
    case ErrorCode::kUnsupportedMediaType:
    case ErrorCode::kIdempotencyKeyReused:
    case ErrorCode::kPasswordRequired:
    case ErrorCode::kDamaged:
    case ErrorCode::kNoPages:
    case ErrorCode::kMissingLanguage:
    case ErrorCode::kUnsupportedFormat:
      return {StatusOfCallersFault(code), 0, "", ""};
    case ErrorCode::kChildDied:
      return {422, 0, "the document crashed the process that opened it",
              "repair the document, for example by printing it to a new PDF"};
    case ErrorCode::kPreconditionFailed:
      return {409, 1, "it was changed by another request at the same time", "repeat the request"};
    case ErrorCode::kDiskFull:
      return {
          507, 60, "the server's disk is full",
          "free some space on the server's disk and repeat the request; finished pages are kept"};
    case ErrorCode::kTimeout:
      return {503, 10, "the operation exceeded its time limit",
              "repeat the request when the server is less busy"};
    case ErrorCode::kUnavailable:
      return {503, 5, "the server cannot do this right now",
              "repeat the request in a moment; finished work is kept"};
    case ErrorCode::kTooManyRequests:
      return {429, 10, "", ""};
    case ErrorCode::kInterrupted:
      return {503, 5, "the request was cut off, or the server is stopping",
              "repeat the request in a moment"};
    case ErrorCode::kPermission:
      return {500, 0, "the server has no permission to read or write its own files", kSeeLog};
    case ErrorCode::kIo:
      return {500, 0, "the server could not read or write its files", kSeeLog};
    case ErrorCode::kInternal:
      break;
  }
  return {500, 0, "internal server error", kSeeLog};
}

// Messages of the operating system or the store begin with the name of a file, which reveals
// folders of this machine, so they only go to the log. Messages intended for callers never do; jobs
// and pages are identified by ids and numbers.
bool NamesAFile(const Error& error) {
  if (error.code == ErrorCode::kNotFound) return error.message.find('/') != std::string::npos;
  return error.message.starts_with('/');
}

}  // namespace

Problem ProblemOf(const Error& error) {
  CodeRule rule = RuleFor(error.code);
  if (rule.detail.empty() && NamesAFile(error)) {
    rule.detail = error.code == ErrorCode::kNotFound ? "what was requested no longer exists"
                                                     : "the server cannot use one of its own files";
    rule.hint = kSeeLog;
  }
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
  if (problem.status >= 500 || NamesAFile(error)) {
    // A client that disconnects during a request is not our error.
    const bool hung_up = error.code == ErrorCode::kInterrupted;
    Log(hung_up ? LogLevel::kInfo : LogLevel::kError, "request failed",
        {{"request_id", request_id},
         {"code", std::string(ErrorCodeName(error.code))},
         {"reason", error.message}});
  }
  return ProblemResponse(problem);
}

}  // namespace gnosis
