#include "session/processing.h"

#include <fmt/format.h>

#include <algorithm>

#include "session/json_fields.h"
#include "session/keys.h"

namespace gnosis {

std::string_view PageStatusName(PageStatus status) {
  switch (status) {
    case PageStatus::kProcessing:
      return "processing";
    case PageStatus::kCompleted:
      return "completed";
    case PageStatus::kFailed:
      return "failed";
    case PageStatus::kPending:
      break;
  }
  return "pending";
}

std::string_view SessionStateName(SessionState state) {
  switch (state) {
    case SessionState::kProcessing:
      return "processing";
    case SessionState::kCompleted:
      return "completed";
    case SessionState::kCompletedWithErrors:
      return "completed_with_errors";
    case SessionState::kFailed:
      return "failed";
    case SessionState::kCancelled:
      return "cancelled";
    case SessionState::kQueued:
      break;
  }
  return "queued";
}

std::optional<PageStatus> ParsePageStatus(std::string_view name) {
  for (const PageStatus status : {PageStatus::kPending, PageStatus::kProcessing,
                                  PageStatus::kCompleted, PageStatus::kFailed}) {
    if (name == PageStatusName(status)) return status;
  }
  return std::nullopt;
}

std::optional<SessionState> ParseSessionState(std::string_view name) {
  for (const SessionState state :
       {SessionState::kQueued, SessionState::kProcessing, SessionState::kCompleted,
        SessionState::kCompletedWithErrors, SessionState::kFailed, SessionState::kCancelled}) {
    if (name == SessionStateName(state)) return state;
  }
  return std::nullopt;
}

bool IsFinished(PageStatus status) {
  return status == PageStatus::kCompleted || status == PageStatus::kFailed;
}

bool IsFinal(SessionState state) {
  return state != SessionState::kQueued && state != SessionState::kProcessing;
}

Processing NewProcessing(const Metadata& metadata, const std::vector<int>& pages, int batch_size) {
  Processing record;
  record.session_id = metadata.session_id;
  record.incarnation = metadata.incarnation;
  record.batch_size = batch_size;
  for (const int page : pages) {
    record.pages[page].image = PageFileName(PageFile::kImage, page, metadata.document_pages);
  }
  record.total_pages = int(record.pages.size());
  record.created_at = metadata.created_at;
  record.updated_at = metadata.created_at;
  return record;
}

}  // namespace gnosis
