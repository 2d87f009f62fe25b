// GET /jobs: the caller's jobs, newest first, in pages.
#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "api/fold_case.h"
#include "api/handlers.h"
#include "api/job_index.h"
#include "api/reply.h"
#include "base/id.h"
#include "door/header_values.h"

namespace gnosis {
namespace {

constexpr int64_t kDefaultLimit = 50;
constexpr int64_t kMaxLimit = 200;

struct ListRequest {
  std::set<SessionState> states;  // {} = all
  std::string folded_text;        // of the name; "" = any
  int64_t limit = kDefaultLimit;
  std::optional<JobPlace> after;
};

// The position of the last job shown. Opaque to callers.
std::string EncodeCursor(const JobPlace& place) {
  return fmt::format("{:x}.{}", place.created_ms, place.session_id);
}

std::optional<JobPlace> DecodeCursor(std::string_view text) {
  const size_t dot = text.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  JobPlace place;
  const auto [end, error] = std::from_chars(text.data(), text.data() + dot, place.created_ms, 16);
  place.session_id = text.substr(dot + 1);
  if (error != std::errc() || end != text.data() + dot || !IsUuid(place.session_id)) {
    return std::nullopt;
  }
  return place;
}

Result<std::set<SessionState>> ReadStates(const std::string& text) {
  std::set<SessionState> states;
  for (const std::string_view name : SplitList(text)) {
    const auto state = ParseSessionState(name);
    if (!state) {
      return Error{ErrorCode::kInvalidArgument, "unknown job state",
                   "use queued, processing, completed, completed_with_errors, failed or cancelled; "
                   "separate several with commas"};
    }
    states.insert(*state);
  }
  return states;
}

Result<ListRequest> ReadListRequest(const HttpRequest& request) {
  ListRequest list;
  if (const auto state = request.query.find("state"); state != request.query.end()) {
    ASSIGN_OR_RETURN(list.states, ReadStates(state->second));
  }
  if (const auto text = request.query.find("q"); text != request.query.end()) {
    list.folded_text = FoldCase(text->second);
  }
  ASSIGN_OR_RETURN(const auto limit, ReadNumber(request, "limit", 1, kMaxLimit));
  list.limit = limit.value_or(kDefaultLimit);
  if (const auto cursor = request.query.find("cursor"); cursor != request.query.end()) {
    list.after = DecodeCursor(cursor->second);
    if (!list.after) {
      return Error{ErrorCode::kInvalidArgument, "the cursor is not valid",
                   "use next_cursor from the previous response, or omit the cursor"};
    }
  }
  return list;
}

bool IsWanted(const ListRequest& list, const ListedJob& job) {
  if (list.after && !(job.place < *list.after)) return false;
  return list.folded_text.empty() || job.folded_name.find(list.folded_text) != std::string::npos;
}

}  // namespace

Result<HttpResponse> ListJobs(Call& call) {
  ASSIGN_OR_RETURN(const ListRequest list, ReadListRequest(call.request));
  const ActionContext& actions = call.core.world.actions;
  JobIndex& index = call.core.job_index;
  ASSIGN_OR_RETURN(const JobIndex::Jobs all, index.JobsOf(actions, call.caller.owner));
  Json jobs = Json::array();
  Json next_cursor;
  JobPlace last;
  for (const ListedJob& job : *all) {
    if (!IsWanted(list, job)) continue;
    if (!list.states.empty()) {
      const auto state = index.StateOf(actions, job.session);
      if (!state.ok() || !list.states.contains(*state)) continue;
    }
    const auto status = actions.book.ReadStatus(job.session);
    if (!status.ok()) continue;  // expired or damaged: see GET /jobs/{id}
    if (!list.states.empty() && !list.states.contains(status->state)) continue;
    if (int64_t(jobs.size()) == list.limit) {
      next_cursor = EncodeCursor(last);
      break;
    }
    jobs.push_back(StatusJson(*status));
    last = job.place;
  }
  return JsonResponse(200, {{"jobs", std::move(jobs)}, {"next_cursor", std::move(next_cursor)}});
}

}  // namespace gnosis
