// GET /jobs/{id}/pages and /pages/{n}: where every page stands.
#include <utility>

#include "api/handlers.h"
#include "api/page_view.h"
#include "api/reply.h"
#include "task/session_files.h"

namespace gnosis {

Result<HttpResponse> ListPages(Call& call) {
  ASSIGN_OR_RETURN(const SessionKey session, SessionOf(call));
  ASSIGN_OR_RETURN(const JobStatus status, ReadJob(call, session));
  const ActionContext& actions = call.core.world.actions;
  const Time now = actions.clock.Now();
  Json pages = Json::array();
  const Status looked = actions.book.Look(session, [&](const Processing& record) {
    for (const auto& [page, entry] : record.pages) {
      pages.push_back(PageStateJson(session.session_id, page, entry, now));
    }
  });
  if (!looked.ok()) return JobError(call, session, looked.error());
  const Json json = {{"job_id", status.job_id},
                     {"status", SessionStateName(status.state)},
                     {"revision", status.revision},
                     {"pages", std::move(pages)}};
  return WithTag(call.request, JobTag(status), JsonResponse(200, json));
}

Result<HttpResponse> ViewPage(Call& call) {
  ASSIGN_OR_RETURN(const PageOfJob page, FindPage(call));
  Json json = PageStateJson(page.session.session_id, page.page, page.entry, page.now);
  json["text"] = nullptr;
  if (page.entry.status == PageStatus::kCompleted) {
    const auto result =
        ReadPageResult(call.core.world.actions.store, page.session, *page.metadata, page.page);
    if (!result.ok()) return JobError(call, page.session, result.error());
    json["text"] = result->text;
  }
  return WithTag(call.request, JobTag(page.job), JsonResponse(200, json));
}

}  // namespace gnosis
