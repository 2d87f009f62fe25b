#include "session/status.h"

#include <fmt/format.h>

#include <algorithm>

#include "session/json_fields.h"
#include "session/rules_page.h"

namespace gnosis {
namespace {

// Pages finished longer ago say little about the current speed: there may have been a redo, or the
// machine was off.
constexpr Seconds kPaceWindow{600};

std::optional<int> LowestPageBeingRead(const Processing& record, Time now) {
  for (const auto& [page, entry] : record.pages) {
    if (IsLeased(entry, now)) return page;
  }
  return std::nullopt;
}

std::optional<int64_t> EtaSeconds(const Processing& record, const PageCounts& counts, Time now) {
  if (IsFinal(record.state)) return std::nullopt;
  int finished = 0;
  Time start = now;
  for (const auto& [page, entry] : record.pages) {
    if (!entry.completed_at || *entry.completed_at < now - kPaceWindow) continue;
    ++finished;
    start = std::min(start, entry.started_at.value_or(*entry.completed_at));
  }
  if (finished == 0) return std::nullopt;
  const int64_t remaining = counts.pending + counts.processing;
  return std::chrono::ceil<Seconds>((now - start) * remaining / finished).count();
}

int Percent(const JobStatus& status) {
  const int64_t finished = status.pages.completed + status.pages.failed;
  const int percent = int(finished * 100 / std::max(status.total_pages, 1));
  return IsFinal(status.state) ? percent : std::min(percent, 99);
}

std::string ErrorsMessage(int failed) {
  return fmt::format("done, {} page{} failed", failed, failed == 1 ? "" : "s");
}

std::string Message(const JobStatus& status, int document_pages) {
  switch (status.state) {
    case SessionState::kCompleted:
      return "done";
    case SessionState::kCompletedWithErrors:
      return ErrorsMessage(status.pages.failed);
    case SessionState::kCancelled:
      return "cancelled";
    case SessionState::kFailed:
      return status.error.value_or("all pages failed");
    case SessionState::kQueued:
    case SessionState::kProcessing:
      break;
  }
  if (status.pages.pending + status.pages.processing == 0) return "combining the results";
  if (!status.current_page) return "waiting";
  return fmt::format("processing page {} of {}", *status.current_page, document_pages);
}

Json LinksJson(const std::string& job_id) {
  const std::string self = "/api/v1/jobs/" + job_id;
  return {{"self", self},
          {"status", self + "/status"},
          {"events", self + "/events"},
          {"pages", self + "/pages"},
          {"result", self + "/result"},
          {"retry", self + "/retry"},
          {"cancel", self + "/cancel"}};
}

template <typename T>
Json NumberOrNull(const std::optional<T>& number) {
  return number ? Json(*number) : Json();
}

}  // namespace

std::optional<Time> ExpiryOf(const Metadata& metadata, const Processing& record) {
  constexpr std::chrono::hours kToFetchIt{24};
  if (!metadata.expires_at || !IsFinal(record.state)) return metadata.expires_at;
  const Milliseconds ttl = *metadata.expires_at - metadata.created_at;
  return std::max(*metadata.expires_at,
                  record.updated_at + std::min<Milliseconds>(ttl, kToFetchIt));
}

JobStatus DeriveStatus(const Metadata& metadata, const Processing& record, Time now) {
  JobStatus status;
  status.job_id = record.session_id;
  status.state = record.state;
  status.total_pages = record.total_pages;
  status.pages = CountPages(record, now);
  status.percent = Percent(status);
  if (!IsFinal(record.state)) status.current_page = LowestPageBeingRead(record, now);
  status.eta_seconds = EtaSeconds(record, status.pages, now);
  for (const auto& [page, entry] : record.pages) {
    status.attempts = std::max(status.attempts, entry.attempts);
  }
  status.revision = record.revision;
  status.epoch = record.epoch;
  status.file_name = metadata.file_name;
  status.error = record.error;
  status.created_at = record.created_at;
  status.updated_at = record.updated_at;
  status.expires_at = ExpiryOf(metadata, record);
  status.message = Message(status, metadata.document_pages);
  return status;
}

Json StatusJson(const JobStatus& status) {
  const Json progress = {{"percent", status.percent},
                         {"current_page", NumberOrNull(status.current_page)},
                         {"total_pages", status.total_pages},
                         {"message", status.message}};
  const Json pages = {{"completed", status.pages.completed},
                      {"failed", status.pages.failed},
                      {"pending", status.pages.pending},
                      {"processing", status.pages.processing}};
  return {{"job_id", status.job_id},
          {"status", SessionStateName(status.state)},
          {"progress", progress},
          {"pages", pages},
          {"eta_seconds", NumberOrNull(status.eta_seconds)},
          {"attempts", status.attempts},
          {"revision", status.revision},
          {"epoch", status.epoch},
          {"file_name", status.file_name},
          {"error", JsonOrNull(status.error)},
          {"created_at", FormatTime(status.created_at)},
          {"updated_at", FormatTime(status.updated_at)},
          {"expires_at", JsonOrNull(status.expires_at)},
          {"links", LinksJson(status.job_id)}};
}

Result<LastPublished> DecodeLastPublished(std::string_view status_json) {
  ASSIGN_OR_RETURN(const Json json, ParseJson(status_json));
  if (!json.is_object()) return Error{ErrorCode::kDamaged, "status.json: not a JSON object", ""};
  FieldReader fields(json, "status.json");
  LastPublished last;
  last.state = fields.Name("status", ParseSessionState);
  last.revision = fields.Integer("revision", 0, kMaxRevision);
  last.epoch = fields.Int("epoch", 0, kMaxCount);
  RETURN_IF_ERROR(fields.status());
  return last;
}

}  // namespace gnosis
