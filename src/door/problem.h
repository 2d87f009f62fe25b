// Errors as returned to callers: application/problem+json (RFC 9457) with a `code` for programs, a
// `hint` how to fix it, and the `page` if applicable. docs/api.md lists all codes.
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

// The only mapping from ErrorCode to HTTP status. The text of a 5xx comes from here and not from
// the error, whose message may contain files and folders of this machine.
Problem ProblemOf(const Error& error);
HttpResponse ProblemResponse(const Problem& problem);

// ProblemResponse(ProblemOf(error)); the original message of a 5xx goes to the log.
HttpResponse ErrorResponse(const Error& error, const std::string& request_id);

}  // namespace gnosis
