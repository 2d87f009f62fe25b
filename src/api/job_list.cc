// GET /jobs: the caller's jobs, newest first, page by page.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "api/handlers.h"
#include "api/header_values.h"
#include "api/reply.h"
#include "base/id.h"

namespace gnosis {
namespace {

constexpr int64_t kDefaultLimit = 50;
constexpr int64_t kMaxLimit = 200;

// Where a job stands in the list. Greater is newer.
struct Place {
  int64_t created_ms = 0;
  std::string session_id;
  auto operator<=>(const Place&) const = default;
};

struct ListRequest {
  std::set<SessionState> states;  // {} = all
  int64_t limit = kDefaultLimit;
  std::optional<Place> after;
};

// The place of the last job shown. Opaque to callers.
std::string EncodeCursor(const Place& place) {
  return fmt::format("{:x}.{}", place.created_ms, place.session_id);
}

std::optional<Place> DecodeCursor(std::string_view text) {
  const size_t dot = text.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  Place place;
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
      return Error{ErrorCode::kInvalidArgument, "state is not one of a job's states",
                   "queued, processing, completed, completed_with_errors, failed, cancelled; "
                   "several are joined by commas"};
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
  ASSIGN_OR_RETURN(const auto limit, ReadNumber(request, "limit", 1, kMaxLimit));
  list.limit = limit.value_or(kDefaultLimit);
  if (const auto cursor = request.query.find("cursor"); cursor != request.query.end()) {
    list.after = DecodeCursor(cursor->second);
    if (!list.after) {
      return Error{ErrorCode::kInvalidArgument, "the cursor is not one of this server's",
                   "take next_cursor of the previous answer, or start without one"};
    }
  }
  return list;
}

// Every job of the caller, newest first. A folder without readable metadata is no job (yet).
Result<std::vector<std::pair<Place, SessionKey>>> ListPlaces(const ActionContext& actions,
                                                             const std::string& owner) {
  ASSIGN_OR_RETURN(const auto folders, actions.store.ListFolders(UserFolder(UserHash(owner))));
  std::vector<std::pair<Place, SessionKey>> places;
  for (const std::string& folder : folders) {
    auto session = ParseSessionFolder(folder);
    if (!session) continue;
    const auto metadata = actions.book.ReadMetadata(*session);
    if (!metadata.ok()) continue;
    const int64_t created_ms = (*metadata)->created_at.time_since_epoch().count();
    places.emplace_back(Place{created_ms, session->session_id}, *session);
  }
  std::sort(places.begin(), places.end(),
            [](const auto& a, const auto& b) { return b.first < a.first; });
  return places;
}

}  // namespace

Result<HttpResponse> ListJobs(Call& call) {
  ASSIGN_OR_RETURN(const ListRequest list, ReadListRequest(call.request));
  const ActionContext& actions = call.core.world.actions;
  ASSIGN_OR_RETURN(const auto places, ListPlaces(actions, call.caller.owner));
  Json jobs = Json::array();
  Json next_cursor;
  Place last;
  for (const auto& [place, session] : places) {
    if (list.after && !(place < *list.after)) continue;
    const auto status = actions.book.ReadStatus(session);
    if (!status.ok()) continue;  // expired or damaged: GET /jobs/{id} tells
    if (!list.states.empty() && !list.states.contains(status->state)) continue;
    if (int64_t(jobs.size()) == list.limit) {
      next_cursor = EncodeCursor(last);
      break;
    }
    jobs.push_back(StatusJson(*status));
    last = place;
  }
  return JsonResponse(200, {{"jobs", std::move(jobs)}, {"next_cursor", std::move(next_cursor)}});
}

}  // namespace gnosis
