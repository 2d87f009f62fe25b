#include "api/call.h"

#include <fmt/format.h>

#include <utility>

#include "base/log.h"
#include "task/job_actions.h"
#include "task/owner_sessions.h"

namespace gnosis {
namespace {

constexpr size_t kMaxSmallBodyBytes = 64 << 10;

class Refusal final : public Exchange {
 public:
  explicit Refusal(HttpResponse response) : response_(std::move(response)) {}
  // The error code is never seen: it only stops the reading of the body.
  Status OnBody(std::string_view) override {
    return Error{ErrorCode::kInvalidArgument, "the request was refused", ""};
  }
  Answer End(Why) override { return std::move(response_); }

 private:
  HttpResponse response_;
};

Error NoSuchJob() {
  return Error{ErrorCode::kNotFound, "there is no such job",
               "list your jobs with GET /api/v1/jobs"};
}

// Its task may have been lost. A failure is harmless: the next request tries again.
void RecoverIfStalled(const Call& call, const SessionKey& session, const JobStatus& status) {
  const auto& after = call.core.options.stalled_after;
  const ActionContext& actions = call.core.world.actions;
  if (!after || IsFinal(status.state)) return;
  if (actions.clock.Now() - status.updated_at < *after) return;
  const auto recovered = RecoverStalled(actions, session, call.caller.owner, *after);
  if (recovered.ok() && *recovered) {
    Log(LogLevel::kWarning, "a stalled session is being resumed",
        {{"session", session.session_id}});
  }
}

}  // namespace

Status TakeSmallBody(Call& call, std::string_view bytes) {
  if (call.body.size() + bytes.size() > kMaxSmallBodyBytes) {
    return Error{ErrorCode::kTooLarge,
                 fmt::format("the request body is larger than {} bytes", kMaxSmallBodyBytes),
                 "this endpoint accepts only a small JSON object; send documents to /api/v1/jobs"};
  }
  call.body += bytes;
  return Ok();
}

std::unique_ptr<Exchange> RefuseWith(HttpResponse response) {
  return std::make_unique<Refusal>(std::move(response));
}

Result<SessionKey> SessionOf(const Call& call) {
  const auto id = call.parameters.find("id");
  GNOSIS_CHECK(id != call.parameters.end());
  auto session = FindOwnersSession(call.core.world.actions.book, call.caller.owner, id->second);
  if (!session.ok()) return NoSuchJob();
  return session;
}

Result<JobStatus> ReadJob(const Call& call, const SessionKey& session) {
  auto status = call.core.world.actions.book.ReadStatus(session);
  if (!status.ok()) return JobError(call, session, status.error());
  RecoverIfStalled(call, session, *status);
  return status;
}

Error JobError(const Call& call, const SessionKey& session, const Error& error) {
  switch (error.code) {
    case ErrorCode::kNotFound:
      if (!IsExpired(call.core.world.actions.store, session)) return NoSuchJob();
      [[fallthrough]];
    case ErrorCode::kGone:
      return Error{ErrorCode::kGone, "the job has expired and its files have been deleted",
                   "submit the document again; SESSION_TTL sets how long jobs are kept"};
    case ErrorCode::kDamaged:
      return Error{ErrorCode::kInternal, "the job's files are damaged: " + error.message, ""};
    default:
      return error;
  }
}

}  // namespace gnosis
