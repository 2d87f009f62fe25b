// GET /pages/{n}.txt .json .hocr .png .jpg: the results of one page, as soon as it is done.
#include <fmt/format.h>

#include <utility>

#include "api/file_reply.h"
#include "api/handlers.h"
#include "api/page_view.h"
#include "api/reply.h"
#include "door/problem.h"
#include "output/output_writer.h"
#include "task/combine.h"
#include "task/session_files.h"

namespace gnosis {
namespace {

constexpr int kPageRetryAfterSeconds = 2;

HttpResponse PageNotReady(const PageOfJob& page) {
  const bool will_come = !IsFinal(page.job.state);
  Problem problem{409,
                  "page_not_ready",
                  fmt::format("page {} has not been processed yet", page.page),
                  will_come ? "try again later, or follow the job's events"
                            : "the job was stopped before this page; POST retry with its number",
                  page.page,
                  {}};
  if (will_come) problem.retry_after_s = kPageRetryAfterSeconds;
  return ProblemResponse(problem);
}

HttpResponse NoImage(const PageOfJob& page) {
  return ProblemResponse({404,
                          "not_found",
                          fmt::format("there is no image of page {}: {}", page.page,
                                      page.entry.error.value_or("the page failed")),
                          "GET the page for the reason; POST retry to process it again",
                          page.page,
                          {}});
}

// A running job only offers finished pages: a page that is being retried is unavailable until it is
// done again. In a stopped job earlier results remain available.
bool MayHaveResult(const PageOfJob& page) {
  return IsFinished(page.entry.status) || IsFinal(page.job.state);
}

std::string KeyOf(const PageOfJob& page, PageFile file) {
  return PageKey(page.session, file, page.page, page.metadata->document_pages);
}

Result<HttpResponse> PageImage(Call& call, PageFile file, std::string_view content_type) {
  ASSIGN_OR_RETURN(const PageOfJob page, FindPage(call));
  if (page.entry.status == PageStatus::kFailed) return NoImage(page);
  if (!MayHaveResult(page)) return PageNotReady(page);
  auto response = FileReply(call, KeyOf(page, file), content_type);
  if (response.ok() || response.code() != ErrorCode::kNotFound) return response;
  return IsFinished(page.entry.status) ? NoImage(page) : PageNotReady(page);
}

// The page in another format, converted from its result; the same result gives the same bytes.
template <typename Render>
Result<HttpResponse> Rendered(Call& call, const PageOfJob& page, std::string_view content_type,
                              Render render) {
  if (!MayHaveResult(page)) return PageNotReady(page);
  ObjectStore& store = call.core.world.actions.store;
  const auto info = store.Stat(KeyOf(page, PageFile::kResult));
  if (!info.ok()) {
    if (info.code() == ErrorCode::kNotFound) return PageNotReady(page);
    return info.error();
  }
  const std::string tag = ObjectTag(info->generation);
  if (auto response = ResponseWithoutBody(call.request, tag, content_type)) {
    return *std::move(response);
  }
  const auto result = ReadPageResult(store, page.session, *page.metadata, page.page);
  if (!result.ok()) return JobError(call, page.session, result.error());
  return WithTag(call.request, tag, TextResponse(200, std::string(content_type), render(*result)));
}

}  // namespace

Result<HttpResponse> PageAsText(Call& call) {
  ASSIGN_OR_RETURN(const PageOfJob page, FindPage(call));
  return Rendered(call, page, "text/plain; charset=utf-8", TextOrMarker);
}

Result<HttpResponse> PageAsHocr(Call& call) {
  ASSIGN_OR_RETURN(const PageOfJob page, FindPage(call));
  const auto render = [&](const PageResult& result) {
    return PageHocr(result,
                    HeadOf(*page.metadata, page.job.total_pages, call.core.options.version));
  };
  auto response = Rendered(call, page, FindOutputFormat("hocr")->content_type, render);
  // The content of a document must never be displayed as a page of this server.
  if (response.ok() && response->status == 200) {
    response->headers.Set(
        "Content-Disposition",
        AttachmentHeader(page.metadata->file_name, fmt::format("{}.hocr", page.page)));
  }
  return response;
}

Result<HttpResponse> PageAsJson(Call& call) {
  ASSIGN_OR_RETURN(const PageOfJob page, FindPage(call));
  if (!MayHaveResult(page)) return PageNotReady(page);
  auto response = FileReply(call, KeyOf(page, PageFile::kResult), "application/json");
  if (!response.ok() && response.code() == ErrorCode::kNotFound) return PageNotReady(page);
  return response;
}

Result<HttpResponse> PageAsPng(Call& call) {
  return PageImage(call, PageFile::kImage, "image/png");
}

Result<HttpResponse> PageAsJpeg(Call& call) {
  return PageImage(call, PageFile::kPreview, "image/jpeg");
}

}  // namespace gnosis
