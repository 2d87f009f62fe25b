// The schemas of requests and responses, for openapi.cc.
#include <string_view>
#include <vector>

#include "apidoc/openapi.h"
#include "output/output_writer.h"
#include "page/page_options.h"

namespace gnosis {
namespace {

Json Text(std::string_view description) {
  return {{"type", "string"}, {"description", description}};
}
Json Integer(std::string_view description) {
  return {{"type", "integer"}, {"description", description}};
}
Json Moment() { return {{"type", "string"}, {"format", "date-time"}}; }
Json OrNull(Json schema) {
  schema["type"] = {schema["type"], "null"};
  return schema;
}
Json ListOf(Json items) { return {{"type", "array"}, {"items", std::move(items)}}; }
Json RefTo(std::string_view schema) {
  return {{"$ref", "#/components/schemas/" + std::string(schema)}};
}

// Every property is required: this server's responses are always complete.
Json WholeObject(Json properties) {
  Json required = Json::array();
  for (const auto& [name, schema] : properties.items()) required.push_back(name);
  return {
      {"type", "object"}, {"properties", std::move(properties)}, {"required", std::move(required)}};
}

Json Counts() {
  return WholeObject({{"completed", Integer("")},
                      {"failed", Integer("")},
                      {"pending", Integer("")},
                      {"processing", Integer("")}});
}

Json Job() {
  const Json state = {
      {"type", "string"},
      {"enum",
       {"queued", "processing", "completed", "completed_with_errors", "failed", "cancelled"}}};
  const Json progress =
      WholeObject({{"percent", Integer("0 to 100; 100 only when the job is final")},
                   {"current_page", OrNull(Integer("the lowest page being processed"))},
                   {"total_pages", Integer("number of pages in the job")},
                   {"message", Text("one human-readable line")}});
  return WholeObject({{"job_id", {{"type", "string"}, {"format", "uuid"}}},
                      {"status", state},
                      {"progress", progress},
                      {"pages", Counts()},
                      {"eta_seconds", OrNull(Integer("null until a page is finished"))},
                      {"attempts", Integer("the highest number of attempts at any page")},
                      {"revision", Integer("increases with every change")},
                      {"epoch", Integer("increases with every recovery and retry")},
                      {"file_name", Text("name of the uploaded file")},
                      {"error", OrNull(Text("why the job failed"))},
                      {"created_at", Moment()},
                      {"updated_at", Moment()},
                      {"expires_at", OrNull(Moment())},
                      {"links", {{"type", "object"}}}});
}

Json PageProperties() {
  return {
      {"page", Integer("number of the page in the document, from 1")},
      {"status", {{"type", "string"}, {"enum", {"pending", "processing", "completed", "failed"}}}},
      {"confidence", {{"type", {"number", "null"}}, {"description", "0 to 100"}}},
      {"source", OrNull(Text("text_layer, or engine and version"))},
      {"error", OrNull(Text("\"code: message\" of a failed page"))},
      {"attempts", Integer("")},
      {"edition", Integer("how often the page has been processed again")},
      {"started_at", OrNull(Moment())},
      {"completed_at", OrNull(Moment())},
      {"duration_ms", OrNull(Integer(""))},
      {"links", {{"type", "object"}}}};
}

Json PageWithText() {
  Json properties = PageProperties();
  properties["text"] = OrNull(Text("null until the page is completed"));
  return WholeObject(std::move(properties));
}

Json Problem() {
  Json schema = WholeObject({{"type", Text("about:blank")},
                             {"title", Text("the status in words")},
                             {"status", Integer("the HTTP status")},
                             {"code", Text("identifies the error; branch on this")},
                             {"detail", Text("what went wrong, and where")}});
  schema["properties"]["hint"] = Text("what to do about it");
  schema["properties"]["page"] = Integer("the page affected");
  return schema;
}

Json OptionSchema(const PageOption& option) {
  Json schema = {{"type", "string"}, {"description", option.what}};
  if (option.kind == PageOption::Kind::kInteger) {
    schema["type"] = "integer";
    if (option.numbers.empty()) {
      schema["minimum"] = option.low;
      schema["maximum"] = option.high;
    }
  }
  if (!option.choices.empty()) schema["enum"] = option.choices;
  if (!option.numbers.empty()) schema["enum"] = option.numbers;
  return schema;
}

Json SubmitForm() {
  Json schema = {{"type", "object"},
                 {"properties",
                  {{"file", {{"type", "string"}, {"contentMediaType", "application/octet-stream"}}},
                   {"formats", Text(OutputFormatNames(","))},
                   {"pages", Text("1-3,7")},
                   {"password", Text("password of an encrypted document")},
                   {"file_name", Text("used instead of the uploaded file's name")}}},
                 {"required", {"file"}}};
  for (const PageOption& option : PageOptionTable()) {
    if (option.at_submission) schema["properties"][std::string(option.name)] = OptionSchema(option);
  }
  return schema;
}

Json SubmitUpload() {
  Json schema = SubmitForm();
  schema["properties"].erase("file");
  schema["properties"]["upload_id"] = Text("id of a completed resumable upload");
  schema["required"] = {"upload_id"};
  schema["additionalProperties"] = false;
  return schema;
}

Json Upload() {
  return WholeObject({{"upload_id", {{"type", "string"}, {"format", "uuid"}}},
                      {"file_name", Text("from Upload-Metadata")},
                      {"length_bytes", Integer("size of the whole file")},
                      {"offset_bytes", Integer("offset of the next byte")},
                      {"created_at", Moment()},
                      {"expires_at", Moment()}});
}

Json Retry() {
  Json schema = {
      {"type", "object"},
      {"properties",
       {{"pages", ListOf(Integer(""))}, {"password", Text("password of an encrypted document")}}},
      {"additionalProperties", false}};
  for (const PageOption& option : PageOptionTable()) {
    if (option.at_retry) schema["properties"][std::string(option.name)] = OptionSchema(option);
  }
  return schema;
}

Json SignInStatus() {
  return WholeObject(
      {{"authenticated", {{"type", "boolean"}, {"description", "the caller may use the API"}}},
       {"key_required", {{"type", "boolean"}, {"description", "this server requires API keys"}}},
       {"owner", OrNull(Text("the owner whose jobs the caller sees"))}});
}

Json Engines() {
  const Json format =
      WholeObject({{"name", Text("")}, {"content_type", Text("")}, {"description", Text("")}});
  return WholeObject(
      {{"engines", ListOf(WholeObject({{"name", Text("")}, {"version", OrNull(Text(""))}}))},
       {"modes", ListOf(Text(""))},
       {"formats", ListOf(format)},
       {"archives", ListOf(format)}});
}

}  // namespace

Json OpenApiSchemas() {
  return {
      {"Job", Job()},
      {"JobList", WholeObject({{"jobs", ListOf(RefTo("Job"))},
                               {"next_cursor", OrNull(Text("value for ?cursor="))}})},
      {"Page", WholeObject(PageProperties())},
      {"PageWithText", PageWithText()},
      {"PageList", WholeObject({{"job_id", Text("")},
                                {"status", Text("")},
                                {"revision", Integer("")},
                                {"pages", ListOf(RefTo("Page"))}})},
      {"Problem", Problem()},
      {"SubmitForm", SubmitForm()},
      {"SubmitUpload", SubmitUpload()},
      {"Upload", Upload()},
      {"Retry", Retry()},
      {"SignInStatus", SignInStatus()},
      {"SignIn", WholeObject({{"key", Text("an API key created with gnosis-ocr keys add")}})},
      {"Index",
       WholeObject({{"name", Text("")}, {"version", Text("")}, {"links", {{"type", "object"}}}})},
      {"Languages", WholeObject({{"languages", ListOf(Text(""))}})},
      {"Engines", Engines()},
      {"Limits",
       WholeObject(
           {{"max_upload_bytes", Integer("MAX_UPLOAD_BYTES")},
            {"max_pages", Integer("MAX_PAGES")},
            {"max_file_name_bytes", Integer("MAX_FILE_NAME_BYTES")},
            {"max_idempotency_key_bytes", Integer("MAX_IDEMPOTENCY_KEY_BYTES")},
            {"max_requests_per_second", Integer("MAX_REQUESTS_PER_SECOND")},
            {"max_jobs", Integer("unfinished jobs; MAX_JOBS_PER_OWNER")},
            {"max_queued_pages", Integer("pages of unfinished jobs; MAX_QUEUED_PAGES_PER_OWNER")},
            {"max_kept_bytes",
             Integer("for all jobs and uploads; MAX_BYTES_PER_OWNER, 0: no limit")},
            {"upload_protocol", Text("tus, gcs-resumable or none")},
            {"max_uploads", Integer("unfinished resumable uploads; MAX_UPLOADS_PER_OWNER")},
            {"upload_ttl_seconds", Integer("UPLOAD_TTL")},
            {"max_event_streams", Integer("MAX_EVENT_STREAMS_PER_OWNER")},
            {"min_dpi", Integer("")},
            {"max_dpi", Integer("")},
            {"max_languages", Integer("")},
            {"max_wait_seconds", Integer("")}})},
      {"Health", WholeObject({{"status", Text("alive, ready or not_ready")}})},
  };
}

}  // namespace gnosis
