// GET /jobs/{id}/pages and /pages/{n}: the status of every page.
#include <fmt/format.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "api/handlers.h"
#include "api/page_view.h"
#include "api/reply.h"
#include "task/session_files.h"

namespace gnosis {
namespace {

// The list is generated while it is sent: each piece shows the current state of its pages. None is
// older than the revision at the start; if that cannot be guaranteed the answer is cut off.
class PageList final : public LiveBody {
 public:
  PageList(ActionContext actions, SessionKey session, JobStatus job)
      : actions_(std::move(actions)), session_(std::move(session)), job_(std::move(job)) {}

  Then Next(std::string& out) override {
    std::vector<std::pair<int, PageEntry>> pages;
    bool more = false;
    bool older = false;
    const Time now = actions_.clock.Now();
    const Status looked = actions_.book.Look(session_, [&](const Processing& record) {
      older = record.revision < job_.revision;
      auto page = record.pages.upper_bound(last_page_);
      for (; page != record.pages.end() && pages.size() < kPagesPerPiece; ++page) {
        pages.push_back(*page);
      }
      more = page != record.pages.end();
    });
    if (!looked.ok() || older) return Then::kCut;
    if (last_page_ == 0) out += Head();
    for (const auto& [page, entry] : pages) {
      if (std::exchange(last_page_, page) != 0) out += ',';
      out += DumpJson(PageStateJson(job_.job_id, page, entry, now));
    }
    if (more) return Then::kAtOnce;
    out += "]}\n";
    return Then::kEnd;
  }

  std::unique_ptr<Subscription> OnChange(Wake) override { return std::make_unique<Subscription>(); }

 private:
  std::string Head() const {
    std::string head = DumpJson({{"job_id", job_.job_id},
                                 {"status", SessionStateName(job_.state)},
                                 {"revision", job_.revision}});
    head.back() = ',';
    return head + "\"pages\":[";
  }

  const ActionContext actions_;
  const SessionKey session_;
  const JobStatus job_;
  int last_page_ = 0;  // that was sent
};

}  // namespace

Result<HttpResponse> ListPages(Call& call) {
  ASSIGN_OR_RETURN(const SessionKey session, SessionOf(call));
  ASSIGN_OR_RETURN(const JobStatus status, ReadJob(call, session));
  const std::string tag = JobTag(status);
  if (IsKnownToCaller(call.request, tag)) return WithTag(call.request, tag, {});
  auto list = std::make_unique<PageList>(call.core.world.actions, session, status);
  auto response = ResponseInPieces(call.request, "application/json", std::move(list));
  if (!response.ok()) {
    // It has probably been deleted in the meantime: then that is the answer.
    const auto job = ReadJob(call, session);
    return job.ok() ? response.error() : job.error();
  }
  return WithTag(call.request, tag, *std::move(response));
}

Result<HttpResponse> ViewPage(Call& call) {
  ASSIGN_OR_RETURN(const PageOfJob page, FindPage(call));
  const std::string tag = JobTag(page.job);
  if (auto response = ResponseWithoutBody(call.request, tag, "application/json")) {
    return *std::move(response);
  }
  Json json = PageStateJson(page.session.session_id, page.page, page.entry, page.now);
  json["text"] = nullptr;
  if (page.entry.status == PageStatus::kCompleted) {
    const auto result =
        ReadPageResult(call.core.world.actions.store, page.session, *page.metadata, page.page);
    if (!result.ok()) return JobError(call, page.session, result.error());
    json["text"] = result->text;
  }
  return WithTag(call.request, tag, JsonResponse(200, json));
}

}  // namespace gnosis
