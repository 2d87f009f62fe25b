// The text of /openapi.json for each route.
#include "apidoc/openapi.h"
#include "output/output_writer.h"
#include "page/page_options.h"

namespace gnosis {
namespace {

constexpr std::string_view kJson = "application/json";
constexpr std::string_view kText = "text/plain; charset=utf-8";

const ParameterDoc kIfNoneMatch{"If-None-Match", "header", "string",
                                "ETag of a cached copy; 304 if it is still current"};
const ParameterDoc kRange{"Range", "header", "string", "a single range, like bytes=0-999"};
const ParameterDoc kPrefer{"Prefer", "header", "string",
                           "wait=30: respond when the job is final, or after 30 s (at most 60)"};
const ParameterDoc kIdempotencyKey{
    "Idempotency-Key", "header", "string",
    "1 to 255 visible ASCII characters; the same key and document return the same job"};

OperationDoc Submit(std::string_view pattern, std::string_view id) {
  static const std::string formats = OutputFormatNames(",");
  OperationDoc doc{"POST",
                   pattern,
                   id,
                   "Submit a document",
                   {kIdempotencyKey,
                    kPrefer,
                    {"formats", "query", "string", formats},
                    {"pages", "query", "string", "1-3,7"},
                    {"password", "query", "string",
                     "password of an encrypted document; better sent as a form field"},
                    {"file_name", "query", "string", "file name, if the document is the raw body"}},
                   BodyDoc::kDocument,
                   {{202, kJson, "Job", "Accepted; Location is the job"},
                    {200, kJson, "Job", "The job is already final"}},
                   {400, 404, 409, 410, 413, 415, 422, 507}};
  for (const PageOption& option : PageOptionTable()) {
    if (!option.at_submission) continue;
    const bool is_number = option.kind == PageOption::Kind::kInteger;
    doc.parameters.push_back({option.name, "query", is_number ? "integer" : "string", option.what});
  }
  return doc;
}

OperationDoc ViewJob(std::string_view pattern, std::string_view id) {
  return {"GET",
          pattern,
          id,
          "Status of a job",
          {{"wait", "query", "integer", "seconds to wait for a change, at most 60"},
           {"since", "query", "integer", "the last known revision"},
           kIfNoneMatch},
          BodyDoc::kNone,
          {{200, kJson, "Job", "The job"}, {304, "", "", "Not modified"}},
          {400}};
}

OperationDoc PageDoc(std::string_view pattern, std::string_view id, std::string_view summary,
                     std::string_view content_type) {
  return {"GET",
          pattern,
          id,
          summary,
          {kIfNoneMatch},
          BodyDoc::kNone,
          {{200, content_type, "", "OK"}, {304, "", "", "Not modified"}},
          {409}};
}

OperationDoc PageFileDoc(std::string_view pattern, std::string_view id, std::string_view summary,
                         std::string_view content_type) {
  OperationDoc doc = PageDoc(pattern, id, summary, content_type);
  doc.parameters.push_back(kRange);
  doc.replies.push_back({206, content_type, "", "The requested range"});
  doc.problems.push_back(416);
  return doc;
}

OperationDoc ResultDoc() {
  OperationDoc doc{
      "GET",
      "/api/v1/jobs/{id}/result",
      "getResult",
      "The whole document in one file",
      {{"format", "query", "string", "txt, json, hocr or zip; default: by the Accept header"},
       {"partial", "query", "string", "1: the pages finished so far"},
       {"Accept", "header", "string", "used if format is not given"},
       kIfNoneMatch,
       kRange},
      BodyDoc::kNone,
      {{304, "", "", "Not modified"}},
      {400, 406, 409, 416, 422}};
  for (const std::string_view type :
       {kText, kJson, std::string_view("application/xhtml+xml; charset=utf-8"), kArchiveType}) {
    doc.replies.push_back({200, type, "", "The result"});
    doc.replies.push_back({206, type, "", "The requested range"});
  }
  return doc;
}

OperationDoc Simple(std::string_view pattern, std::string_view id, std::string_view summary,
                    std::string_view schema) {
  return {"GET", pattern, id, summary, {}, BodyDoc::kNone, {{200, kJson, schema, "OK"}}, {}};
}

std::vector<OperationDoc> JobDocs() {
  return {
      Submit("/api/v1/jobs", "submitJob"),
      Submit("/api/v1/jobs/submit", "submitJobToo"),
      {"GET",
       "/api/v1/jobs",
       "listJobs",
       "Your jobs, newest first",
       {{"state", "query", "string", "one or more states, separated by commas"},
        {"q", "query", "string", "part of the file name, ignoring case"},
        {"limit", "query", "integer", "1 to 200; default 50"},
        {"cursor", "query", "string", "next_cursor from the previous response"}},
       BodyDoc::kNone,
       {{200, kJson, "JobList", "Part of the list of jobs"}},
       {400}},
      ViewJob("/api/v1/jobs/{id}", "getJob"),
      ViewJob("/api/v1/jobs/{id}/status", "getJobStatus"),
      {"DELETE",
       "/api/v1/jobs/{id}",
       "deleteJob",
       "Delete a job and everything that belongs to it",
       {},
       BodyDoc::kNone,
       {{204, "", "", "Deleted"}},
       {}},
      {"GET",
       "/api/v1/jobs/{id}/events",
       "streamEvents",
       "Progress of a job as Server-Sent Events: snapshot, page, state, done",
       {{"Last-Event-ID", "header", "string", "the last event id received"}},
       BodyDoc::kNone,
       {{200, "text/event-stream; charset=utf-8", "", "The events"},
        {204, "", "", "The job is final, and the client has received done"}},
       {}},
      {"POST",
       "/api/v1/jobs/{id}/retry",
       "retryPages",
       "Process pages again: all failed ones, or those listed",
       {},
       BodyDoc::kRetry,
       {{202, kJson, "Job", "The job continues"}},
       {400, 409, 413, 422, 507}},
      {"POST",
       "/api/v1/jobs/{id}/cancel",
       "cancelJob",
       "Cancel a job; finished pages are kept",
       {},
       BodyDoc::kNone,
       {{202, kJson, "Job", "Cancelled"}},
       {409, 413, 507}},
  };
}

std::vector<OperationDoc> PageDocs() {
  return {
      {"GET",
       "/api/v1/jobs/{id}/pages",
       "listPages",
       "Status of every page",
       {kIfNoneMatch},
       BodyDoc::kNone,
       {{200, kJson, "PageList", "The pages"}, {304, "", "", "Not modified"}},
       {}},
      {"GET",
       "/api/v1/jobs/{id}/pages/{page}",
       "getPage",
       "Status and text of a page",
       {kIfNoneMatch},
       BodyDoc::kNone,
       {{200, kJson, "PageWithText", "The page"}, {304, "", "", "Not modified"}},
       {}},
      PageDoc("/api/v1/jobs/{id}/pages/{page}.txt", "getPageText", "The text of a page", kText),
      PageFileDoc("/api/v1/jobs/{id}/pages/{page}.json", "getPageJson",
                  "The words of a page with boxes and confidence", kJson),
      PageDoc("/api/v1/jobs/{id}/pages/{page}.hocr", "getPageHocr", "A page as hOCR",
              "application/xhtml+xml; charset=utf-8"),
      PageFileDoc("/api/v1/jobs/{id}/pages/{page}.png", "getPageImage",
                  "The image given to the engine", "image/png"),
      PageFileDoc("/api/v1/jobs/{id}/pages/{page}.jpg", "getPagePreview",
                  "Colour preview of the page", "image/jpeg"),
      ResultDoc(),
  };
}

std::vector<OperationDoc> UploadDocs() {
  const ParameterDoc version{"Tus-Resumable", "header", "string", "1.0.0"};
  const ParameterDoc checksum{"Upload-Checksum", "header", "string",
                              "sha1 or sha256 of the body, in base64: \"sha1 Kq5s...\""};
  return {
      {"POST",
       "/api/v1/uploads",
       "createUpload",
       "Start a resumable upload (tus 1.0.0)",
       {version,
        checksum,
        {"Upload-Length", "header", "integer", "size of the whole file in bytes"},
        {"Upload-Metadata", "header", "string", "\"filename BASE64\""}},
       BodyDoc::kMaybeUploadPart,
       {{201, "", "",
         "Location is the upload; if the bytes go straight to a bucket, a JSON object with "
         "upload_id, protocol \"gcs-resumable\" and the url to send them to"}},
       {400, 404, 409, 412, 413, 415, 423, 460, 507}},
      Simple("/api/v1/uploads/{id}", "getUpload",
             "Status of a resumable upload; tus clients use HEAD", "Upload"),
      {"PATCH",
       "/api/v1/uploads/{id}",
       "continueUpload",
       "Append to a resumable upload",
       {version,
        checksum,
        {"Upload-Offset", "header", "integer", "offset of the first byte of the body"}},
       BodyDoc::kUploadPart,
       {{204, "", "", "Accepted; Upload-Offset is the offset of the next byte"}},
       {400, 409, 412, 413, 415, 423, 460, 507}},
      {"DELETE",
       "/api/v1/uploads/{id}",
       "deleteUpload",
       "Delete a resumable upload",
       {version},
       BodyDoc::kNone,
       {{204, "", "", "Deleted"}},
       {412, 413}},
  };
}

std::vector<OperationDoc> SignInDocs() {
  return {
      {"GET",
       "/api/v1/session",
       "getSignIn",
       "Who is calling, and whether a key is required",
       {},
       BodyDoc::kNone,
       {{200, kJson, "SignInStatus", "OK"}},
       {401}},
      {"POST",
       "/api/v1/session",
       "signIn",
       "Sign in: exchange an API key for a cookie, for browsers",
       {},
       BodyDoc::kSignIn,
       {{204, "", "", "The cookie is in Set-Cookie"}},
       {400, 401, 409, 413}},
      {"DELETE",
       "/api/v1/session",
       "signOut",
       "Sign out: delete the cookie",
       {},
       BodyDoc::kNone,
       {{204, "", "", "Signed out"}},
       {401, 413}},
  };
}

std::vector<OperationDoc> ServerDocs() {
  return {
      Simple("/", "index", "Name, version and links", "Index"),
      Simple("/api/v1/languages", "listLanguages", "Installed languages", "Languages"),
      Simple("/api/v1/engines", "listEngines", "Engines, modes and formats", "Engines"),
      Simple("/api/v1/limits", "listLimits", "Limits of this server", "Limits"),
      Simple("/livez", "livez", "Is the process alive?", "Health"),
      {"GET",
       "/readyz",
       "readyz",
       "Is the server ready for work?",
       {{"verbose", "query", "string", "1: include the checks"}},
       BodyDoc::kNone,
       {{200, kJson, "Health", "Yes"}, {503, kJson, "Health", "No"}},
       {400, 401}},
      {"GET",
       "/metrics",
       "metrics",
       "Metrics in the Prometheus text format",
       {},
       BodyDoc::kNone,
       {{200, "text/plain; version=0.0.4; charset=utf-8", "", "The metrics"}},
       {}},
      Simple("/openapi.json", "openapi", "This document", ""),
  };
}

std::vector<OperationDoc> AllDocs() {
  std::vector<OperationDoc> all = JobDocs();
  for (auto& doc : PageDocs()) all.push_back(std::move(doc));
  for (auto& doc : UploadDocs()) all.push_back(std::move(doc));
  for (auto& doc : SignInDocs()) all.push_back(std::move(doc));
  for (auto& doc : ServerDocs()) all.push_back(std::move(doc));
  return all;
}

}  // namespace

const std::vector<OperationDoc>& OperationDocs() {
  static const std::vector<OperationDoc> docs = AllDocs();
  return docs;
}

}  // namespace gnosis
