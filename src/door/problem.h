// Errors as callers see them: application/problem+json (RFC 9457) with a `code` to branch on, a
// `hint` what to do, and the `page` where it applies. docs/api.md lists every code.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "net/http.h"

namespace gnosis {

struct Problem {
  int status = 500;
  std::string code;
  std::string detail;
  std::string hint;
  std::optional<int> page;
  std::optional<int> retry_after_s;
};

// The one mapping from ErrorCode to HTTP status. What a 5xx says comes from here and not from the
// error, whose message may name files and folders of this machine.
Problem ProblemOf(const Error& error);
HttpResponse ProblemResponse(const Problem& problem);

// ProblemResponse(ProblemOf(error)); the true message of a 5xx goes to the log.
HttpResponse ErrorResponse(const Error& error, const std::string& request_id);

}  // namespace gnosis
