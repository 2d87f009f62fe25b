// What /openapi.json says about each route.
#include "apidoc/openapi.h"
#include "output/output_writer.h"
#include "page/page_options.h"

namespace gnosis {
namespace {

constexpr std::string_view kJson = "application/json";
constexpr std::string_view kText = "text/plain; charset=utf-8";

const ParameterDoc kIfNoneMatch{"If-None-Match", "header", "string",
                                "the ETag of a copy: 304 when it is still right"};
const ParameterDoc kRange{"Range", "header", "string", "one range: bytes=0-999"};
const ParameterDoc kPrefer{"Prefer", "header", "string",
                           "wait=30: answer when the job is final, after 60 s at the latest"};
const ParameterDoc kIdempotencyKey{"Idempotency-Key", "header", "string",
                                   "1 to 255 visible ASCII characters; the same key and document "
                                   "give the same job"};

OperationDoc Submit(std::string_view pattern, std::string_view id) {
  static const std::string formats = OutputFormatNames(",");
  OperationDoc doc{
      "POST",
      pattern,
      id,
      "Submit a document",
      {kIdempotencyKey,
       kPrefer,
       {"formats", "query", "string", formats},
       {"pages", "query", "string", "1-3,7"},
       {"password", "query", "string", "of an encrypted document; better sent as a form field"},
       {"file_name", "query", "string", "of a bare body"}},
      BodyDoc::kDocument,
      {{202, kJson, "Job", "Taken in; Location is the job"},
       {200, kJson, "Job", "The job is final already"}},
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
          "Where a job stands",
          {{"wait", "query", "integer", "seconds to wait for a change, 60 at most"},
           {"since", "query", "integer", "the revision that is known already"},
           kIfNoneMatch},
          BodyDoc::kNone,
          {{200, kJson, "Job", "The job"}, {304, "", "", "Not changed"}},
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
          {{200, content_type, "", "As asked for"}, {304, "", "", "Not changed"}},
          {409}};
}

OperationDoc PageFileDoc(std::string_view pattern, std::string_view id, std::string_view summary,
                         std::string_view content_type) {
  OperationDoc doc = PageDoc(pattern, id, summary, content_type);
  doc.parameters.push_back(kRange);
  doc.replies.push_back({206, content_type, "", "A part"});
  doc.problems.push_back(416);
  return doc;
}

OperationDoc ResultDoc() {
  OperationDoc doc{"GET",
                   "/api/v1/jobs/{id}/result",
                   "getResult",
                   "The whole document in one file",
                   {{"format", "query", "string", "txt, json, hocr or zip; else the Accept header"},
                    {"partial", "query", "string", "1: what has been read so far"},
                    {"Accept", "header", "string", "when format is not given"},
                    kIfNoneMatch,
                    kRange},
                   BodyDoc::kNone,
                   {{304, "", "", "Not changed"}},
                   {400, 406, 409, 416, 422}};
  for (const std::string_view type :
       {kText, kJson, std::string_view("application/xhtml+xml; charset=utf-8"), kArchiveType}) {
    doc.replies.push_back({200, type, "", "The result"});
    doc.replies.push_back({206, type, "", "A part of it"});
  }
  return doc;
}

OperationDoc Simple(std::string_view pattern, std::string_view id, std::string_view summary,
                    std::string_view schema) {
  return {"GET", pattern, id, summary, {}, BodyDoc::kNone, {{200, kJson, schema, "As asked for"}},
          {}};
}

std::vector<OperationDoc> JobDocs() {
  return {
      Submit("/api/v1/jobs", "submitJob"),
      Submit("/api/v1/jobs/submit", "submitJobToo"),
      {"GET",
       "/api/v1/jobs",
       "listJobs",
       "Your jobs, newest first",
       {{"state", "query", "string", "one or more states, joined by commas"},
        {"q", "query", "string", "a part of the file's name, in upper or lower case"},
        {"limit", "query", "integer", "1 to 200; 50 when not given"},
        {"cursor", "query", "string", "next_cursor of the previous answer"}},
       BodyDoc::kNone,
       {{200, kJson, "JobList", "Some of the jobs"}},
       {400}},
      ViewJob("/api/v1/jobs/{id}", "getJob"),
      ViewJob("/api/v1/jobs/{id}/status", "getJobStatus"),
      {"DELETE",
       "/api/v1/jobs/{id}",
       "deleteJob",
       "Delete a job with everything that belongs to it",
       {},
       BodyDoc::kNone,
       {{204, "", "", "Deleted"}},
       {}},
      {"GET",
       "/api/v1/jobs/{id}/events",
       "streamEvents",
       "What happens to a job, as Server-Sent Events: snapshot, page, state, done",
       {{"Last-Event-ID", "header", "string", "the last id that was heard"}},
       BodyDoc::kNone,
       {{200, "text/event-stream; charset=utf-8", "", "The events"},
        {204, "", "", "The job is final, and the caller has heard so"}},
       {}},
      {"POST",
       "/api/v1/jobs/{id}/retry",
       "retryPages",
       "Read pages anew: the failed ones, or those named",
       {},
       BodyDoc::kRetry,
       {{202, kJson, "Job", "The job goes on"}},
       {400, 409, 413, 422, 507}},
      {"POST",
       "/api/v1/jobs/{id}/cancel",
       "cancelJob",
       "Stop a job; finished pages stay",
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
       "Where every page stands",
       {kIfNoneMatch},
       BodyDoc::kNone,
       {{200, kJson, "PageList", "The pages"}, {304, "", "", "Not changed"}},
       {}},
      {"GET",
       "/api/v1/jobs/{id}/pages/{page}",
       "getPage",
       "Where a page stands, and its text",
       {kIfNoneMatch},
       BodyDoc::kNone,
       {{200, kJson, "PageWithText", "The page"}, {304, "", "", "Not changed"}},
       {}},
      PageDoc("/api/v1/jobs/{id}/pages/{page}.txt", "getPageText", "The text of a page", kText),
      PageFileDoc("/api/v1/jobs/{id}/pages/{page}.json", "getPageJson",
                  "The words of a page with boxes and confidence", kJson),
      PageDoc("/api/v1/jobs/{id}/pages/{page}.hocr", "getPageHocr", "A page as hOCR",
              "application/xhtml+xml; charset=utf-8"),
      PageFileDoc("/api/v1/jobs/{id}/pages/{page}.png", "getPageImage",
                  "The image that the engine saw", "image/png"),
      PageFileDoc("/api/v1/jobs/{id}/pages/{page}.jpg", "getPagePreview",
                  "The page in colour, for people", "image/jpeg"),
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
       "Begin a resumable upload (tus 1.0.0)",
       {version,
        checksum,
        {"Upload-Length", "header", "integer", "bytes of the whole file"},
        {"Upload-Metadata", "header", "string", "\"filename BASE64\""}},
       BodyDoc::kMaybeUploadPart,
       {{201, "", "",
         "Location is the upload; where the bytes go straight to a bucket, a JSON object with "
         "upload_id, "
         "protocol \"gcs-resumable\" and the url to send them to"}},
       {400, 404, 409, 412, 413, 415, 423, 460, 507}},
      Simple("/api/v1/uploads/{id}", "getUpload",
             "Where a resumable upload stands; HEAD is what tus asks", "Upload"),
      {"PATCH",
       "/api/v1/uploads/{id}",
       "continueUpload",
       "The next bytes of a resumable upload",
       {version,
        checksum,
        {"Upload-Offset", "header", "integer", "where the first byte of the body goes"}},
       BodyDoc::kUploadPart,
       {{204, "", "", "Taken; Upload-Offset is where the next byte goes"}},
       {400, 409, 412, 413, 415, 423, 460, 507}},
      {"DELETE",
       "/api/v1/uploads/{id}",
       "deleteUpload",
       "Give a resumable upload up",
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
       "Who is calling, and whether a key is wanted",
       {},
       BodyDoc::kNone,
       {{200, kJson, "SignIn", "As it is"}},
       {401}},
      {"POST",
       "/api/v1/session",
       "logIn",
       "Change an API key into a cookie, for a browser",
       {},
       BodyDoc::kSignIn,
       {{204, "", "", "The cookie is in Set-Cookie"}},
       {400, 401, 409, 413}},
      {"DELETE",
       "/api/v1/session",
       "logOut",
       "Take the cookie back",
       {},
       BodyDoc::kNone,
       {{204, "", "", "No cookie any more"}},
       {401, 413}},
  };
}

std::vector<OperationDoc> ServerDocs() {
  return {
      Simple("/", "index", "Where to go from here", "Index"),
      Simple("/api/v1/languages", "listLanguages", "Installed languages", "Languages"),
      Simple("/api/v1/engines", "listEngines", "Engines, modes and formats", "Engines"),
      Simple("/api/v1/limits", "listLimits", "Limits of this server", "Limits"),
      Simple("/livez", "livez", "Is the process alive?", "Health"),
      {"GET",
       "/readyz",
       "readyz",
       "Can it do its work?",
       {{"verbose", "query", "string", "1: what was looked at"}},
       BodyDoc::kNone,
       {{200, kJson, "Health", "Yes"}, {503, kJson, "Health", "No"}},
       {400, 401}},
      {"GET",
       "/metrics",
       "metrics",
       "Counters in Prometheus' text format",
       {},
       BodyDoc::kNone,
       {{200, "text/plain; version=0.0.4; charset=utf-8", "", "The counters"}},
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
