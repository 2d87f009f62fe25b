#include "door/audit.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/id.h"
#include "base/log.h"

namespace gnosis {
namespace {

struct Audited {
  std::string_view method;
  std::string_view pattern;
  std::string_view action;
};
constexpr std::array kAudited{
    Audited{"POST", "/api/v1/jobs", "submit"},
    Audited{"POST", "/api/v1/jobs/submit", "submit"},
    Audited{"POST", "/api/v1/jobs/{id}/retry", "retry"},
    Audited{"POST", "/api/v1/jobs/{id}/cancel", "cancel"},
    Audited{"DELETE", "/api/v1/jobs/{id}", "delete"},
    Audited{"GET", "/api/v1/jobs/{id}/result", "read_result"},
    Audited{"POST", "/api/v1/uploads", "upload"},
    Audited{"DELETE", "/api/v1/uploads/{id}", "delete_upload"},
};

// For a submission, the job is in the response's Location header.
std::string JobOf(const AuditedCall& call, const HttpResponse& response) {
  std::string job = call.job;
  if (job.empty()) {
    const std::string location = response.headers.Get("Location").value_or("");
    job = location.substr(std::min(location.size(), location.rfind('/') + 1));
  }
  return IsUuid(job) ? job : "none";
}

}  // namespace

std::optional<std::string_view> AuditedAction(std::string_view method, std::string_view pattern) {
  for (const Audited& audited : kAudited) {
    if (audited.method == method && audited.pattern == pattern) return audited.action;
  }
  return std::nullopt;
}

void LogAction(const AuditedCall& call, const HttpResponse& response) {
  const std::string nobody = "nobody";
  Log(LogLevel::kInfo, "audit",
      {{"action", std::string(call.action)},
       {"owner", call.caller.owner.empty() ? nobody : call.caller.owner},
       {"key", call.caller.key_name.empty() ? "none" : call.caller.key_name},
       {"address", call.address},
       {"job", JobOf(call, response)},
       {"status", fmt::to_string(response.status)},
       {"request_id", call.request_id}});
}

}  // namespace gnosis
