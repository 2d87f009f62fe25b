#include "api/page_view.h"

#include <fmt/format.h>

#include <utility>

#include "api/reply.h"
#include "door/header_values.h"

namespace gnosis {
namespace {

Json PageLinks(const std::string& job_id, int page, PageStatus status) {
  const auto link = [&](std::string_view ending) {
    return JobPath(job_id, fmt::format("/pages/{}{}", page, ending));
  };
  Json links = {{"self", link("")}};
  if (IsFinished(status)) {
    links["txt"] = link(".txt");
    links["json"] = link(".json");
    links["hocr"] = link(".hocr");
  }
  if (status == PageStatus::kCompleted) {
    links["png"] = link(".png");
    links["jpg"] = link(".jpg");
  }
  return links;
}

Error NoSuchPage(const std::string& text, const Processing& record) {
  const auto page = ParseNumber(text);
  const std::string detail =
      page ? fmt::format("the job has no page {}", *page) : "the job has no such page";
  return Error{ErrorCode::kNotFound, detail,
               fmt::format("its {} pages are listed under /pages; a page number may be followed by "
                           ".txt .json .hocr .png .jpg",
                           record.pages.size())};
}

}  // namespace

PageStatus ShownStatus(const PageEntry& entry, Time now) {
  const bool lease_is_dead = entry.status == PageStatus::kProcessing &&
                             (!entry.lease_expires_at || *entry.lease_expires_at <= now);
  return lease_is_dead ? PageStatus::kPending : entry.status;
}

Json PageEventJson(int page, const PageEntry& entry, Time now) {
  const PageStatus status = ShownStatus(entry, now);
  Json json = {{"page", page}, {"status", PageStatusName(status)}};
  json["confidence"] = entry.confidence ? Json(*entry.confidence) : Json();
  json["source"] = entry.source.empty() ? Json() : Json(entry.source);
  json["error"] = JsonOrNull(entry.error);
  return json;
}

Json PageStateJson(const std::string& job_id, int page, const PageEntry& entry, Time now) {
  Json json = PageEventJson(page, entry, now);
  json["attempts"] = entry.attempts;
  json["edition"] = entry.edition;
  json["started_at"] = JsonOrNull(entry.started_at);
  json["completed_at"] = JsonOrNull(entry.completed_at);
  json["duration_ms"] = entry.duration_ms ? Json(*entry.duration_ms) : Json();
  json["links"] = PageLinks(job_id, page, ShownStatus(entry, now));
  return json;
}

Result<PageOfJob> FindPage(Call& call) {
  PageOfJob found;
  ASSIGN_OR_RETURN(found.session, SessionOf(call));
  ASSIGN_OR_RETURN(found.job, ReadJob(call, found.session));
  const ActionContext& actions = call.core.world.actions;
  auto metadata = actions.book.ReadMetadata(found.session);
  if (!metadata.ok()) return JobError(call, found.session, metadata.error());
  found.metadata = *std::move(metadata);
  found.now = actions.clock.Now();
  const std::string& text = call.parameters.at("page");
  const auto number = ParseNumber(text);
  std::optional<Error> error;
  const Status looked = actions.book.Look(found.session, [&](const Processing& record) {
    const auto page =
        number && *number <= INT32_MAX ? record.pages.find(int(*number)) : record.pages.end();
    if (page == record.pages.end()) {
      error = NoSuchPage(text, record);
      return;
    }
    found.page = page->first;
    found.entry = page->second;
  });
  if (!looked.ok()) return JobError(call, found.session, looked.error());
  if (error) return *error;
  return found;
}

}  // namespace gnosis
