// GET /jobs/{id}/result: the whole document in one file, in the requested format.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "api/file_reply.h"
#include "api/handlers.h"
#include "api/partial_result.h"
#include "api/reply.h"
#include "api/result_archive.h"
#include "base/text.h"
#include "door/header_values.h"
#include "door/problem.h"
#include "output/output_writer.h"
#include "session/rules.h"
#include "task/job_actions.h"

namespace gnosis {
namespace {

std::string FormatNames() {
  std::string names;
  for (const OutputFormat& format : OutputFormats()) {
    names += format.name + ", ";
  }
  return names + std::string(kArchiveFormat);
}

std::string_view MediaType(const OutputFormat& format) {
  return Trim(std::string_view(format.content_type).substr(0, format.content_type.find(';')));
}

// nullptr: no available format is accepted. In a tie the format that is offered first wins.
const OutputFormat* Negotiate(std::string_view accept) {
  const OutputFormat* best = nullptr;
  double best_quality = 0;
  for (const OutputFormat& format : OutputFormats()) {
    const double quality = AcceptQuality(accept, MediaType(format));
    if (quality <= best_quality) continue;
    best = &format;
    best_quality = quality;
  }
  return best;
}

HttpResponse NotAcceptable() {
  return ProblemResponse({406,
                          "not_acceptable",
                          "no result format matches the Accept header",
                          "use ?format= with one of: " + FormatNames(),
                          {},
                          {}});
}

HttpResponse NotReady(const JobStatus& job, std::string_view hint) {
  const bool will_come = !IsFinal(job.state);
  Problem problem{409,
                  will_come ? "result_not_ready" : "conflict",
                  will_come ? "the job is still running: " + job.message
                            : "the job was stopped before all pages were done",
                  std::string(hint),
                  {},
                  {}};
  if (will_come) problem.retry_after_s = RetryAfterSeconds(job);
  return ProblemResponse(problem);
}

bool EveryPageIsRead(const JobStatus& job) {
  return job.pages.completed + job.pages.failed == job.total_pages;
}

Result<HttpResponse> PartialReply(Call& call, const SessionKey& session,
                                  const OutputFormat& format) {
  auto body = NewPartialResult(call, session, format.name);
  if (!body.ok()) return JobError(call, session, body.error());
  HttpResponse response{200, {}, *std::move(body)};
  response.headers.Set("Content-Type", format.content_type);
  return response;
}

Result<HttpResponse> WholeReply(Call& call, const SessionKey& session, const OutputFormat& format) {
  const auto key = EnsureResult(call.core.world.actions, session, format.name);
  if (!key.ok()) return JobError(call, session, key.error());
  auto response = FileReply(call, *key, format.content_type);
  if (!response.ok()) return JobError(call, session, response.error());
  return response;
}

Result<HttpResponse> Reply(Call& call, const OutputFormat& format) {
  ASSIGN_OR_RETURN(const SessionKey session, SessionOf(call));
  ASSIGN_OR_RETURN(const bool partial, ReadFlag(call.request, "partial"));
  ASSIGN_OR_RETURN(const JobStatus job, ReadJob(call, session));
  const bool whole = IsFinal(job.state) && EveryPageIsRead(job);
  if (!whole && !partial) return NotReady(job, "use ?partial=1 to get the pages finished so far");
  auto response = whole ? WholeReply(call, session, format) : PartialReply(call, session, format);
  if (response.ok() && response->status < 300) {
    response->headers.Set("Content-Disposition",
                          AttachmentHeader(job.file_name, format.file_ending));
  }
  return response;
}

Result<HttpResponse> ArchiveReply(Call& call) {
  ASSIGN_OR_RETURN(const SessionKey session, SessionOf(call));
  ASSIGN_OR_RETURN(const JobStatus job, ReadJob(call, session));
  if (!IsFinal(job.state) || !EveryPageIsRead(job)) {
    return NotReady(job, "an archive is available once all pages are done");
  }
  const auto key = EnsureArchive(call.core.world.actions, session, job);
  if (!key.ok()) return JobError(call, session, key.error());
  auto response = FileReply(call, *key, kArchiveType);
  if (!response.ok()) return JobError(call, session, response.error());
  if (response->status < 300) {
    response->headers.Set("Content-Disposition", AttachmentHeader(job.file_name, kArchiveFormat));
  }
  return response;
}

}  // namespace

Result<HttpResponse> GetResult(Call& call) {
  const auto asked = call.request.query.find("format");
  if (asked != call.request.query.end()) {
    if (asked->second == kArchiveFormat) return ArchiveReply(call);
    const OutputFormat* format = FindOutputFormat(asked->second);
    if (format != nullptr) return Reply(call, *format);
    return Error{ErrorCode::kUnsupportedFormat, "unknown output format",
                 "use one of: " + FormatNames()};
  }
  const OutputFormat* format = Negotiate(call.request.headers.Get("Accept").value_or(""));
  if (format == nullptr) return NotAcceptable();
  auto response = Reply(call, *format);
  if (response.ok()) response->headers.Set("Vary", "Accept");
  return response;
}

}  // namespace gnosis
