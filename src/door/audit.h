// The log's line about everything that was done, or tried, to a job: who, what, which job, with
// what outcome. Never a key, a file name or a word of a document.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "door/access.h"
#include "net/http.h"

namespace gnosis {

// "submit", "retry", "cancel", "delete", "read_result", "upload", "delete_upload"; nothing: a route
// that is not audited (or, like /session, audits itself).
std::optional<std::string_view> AuditedAction(std::string_view method, std::string_view pattern);

struct AuditedCall {
  std::string_view action;
  Caller caller;
  std::string address;
  std::string job;  // what the path said, of an upload its id; checked before it is logged
  std::string request_id;
};
void LogAction(const AuditedCall& call, const HttpResponse& response);

}  // namespace gnosis
