// Logs every action on a job, successful or not: who, what, which job, and the outcome. Never a
// key, a file name or any text of a document.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "door/access.h"
#include "net/http.h"

namespace gnosis {

// "submit", "retry", "cancel", "delete", "read_result", "upload", "delete_upload"; nothing: the
// route is not audited (or, like /session, audits itself).
std::optional<std::string_view> AuditedAction(std::string_view method, std::string_view pattern);

struct AuditedCall {
  std::string_view action;
  Caller caller;
  std::string address;
  std::string job;  // the id in the path, for an upload its own id; validated before it is logged
  std::string request_id;
};
void LogAction(const AuditedCall& call, const HttpResponse& response);

}  // namespace gnosis
