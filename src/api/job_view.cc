// GET /jobs/{id}: the status of a job, immediately or (?wait=30&since=REVISION) when it has
// changed.
#include <algorithm>
#include <optional>
#include <utility>

#include "api/handlers.h"
#include "api/job_wait.h"
#include "api/reply.h"
#include "door/problem.h"

namespace gnosis {
namespace {

class JobView final : public Exchange {
 public:
  explicit JobView(Call call) : call_(std::move(call)) {}

  Status Prepare() {
    ASSIGN_OR_RETURN(session_, SessionOf(call_));
    ASSIGN_OR_RETURN(since_, ReadNumber(call_.request, "since", 0, INT64_MAX));
    ASSIGN_OR_RETURN(const auto wait_s, ReadNumber(call_.request, "wait", 0, INT32_MAX));
    if (wait_s) {
      wait_.emplace(call_.core, session_, std::min<Seconds>(Seconds(*wait_s), kMaxWait));
    }
    return Ok();
  }

  // No body is expected; anything received is discarded.
  Status OnBody(std::string_view) override { return Ok(); }

  Answer End(Why why) override {
    const auto status = ReadJob(call_, session_);
    if (!status.ok()) return ErrorResponse(status.error(), call_.request_id);
    if (!since_) since_ = status->revision;
    if (wait_ && why != Why::kTimeout && IsUnchanged(*status)) {
      if (auto not_yet = wait_->NotYet()) return *std::move(not_yet);
    }
    return WithTag(call_.request, JobTag(*status), JsonResponse(200, StatusJson(*status)));
  }

 private:
  // A final job does not change by itself. Any revision other than the caller's counts as a change,
  // even a lower one: the caller's is then from an earlier life of the job.
  bool IsUnchanged(const JobStatus& status) const {
    return !IsFinal(status.state) && status.revision == *since_;
  }

  Call call_;
  SessionKey session_;
  std::optional<int64_t> since_;
  std::optional<JobWait> wait_;
};

}  // namespace

std::unique_ptr<Exchange> StartJobView(Call call) {
  const std::string request_id = call.request_id;
  auto view = std::make_unique<JobView>(std::move(call));
  const Status prepared = view->Prepare();
  if (!prepared.ok()) return RefuseWith(ErrorResponse(prepared.error(), request_id));
  return view;
}

}  // namespace gnosis
