// Information about this server: /, /languages, /engines, /limits, /metrics, /openapi.json.
#include "api/handlers.h"
#include "api/job_wait.h"
#include "api/metrics.h"
#include "api/reply.h"
#include "api/result_archive.h"
#include "apidoc/openapi.h"
#include "languages/languages.h"
#include "output/output_writer.h"

namespace gnosis {
namespace {

// "tesseract 5.3.0" -> name and version.
Json EngineJson(const std::string& engine) {
  const size_t blank = engine.find(' ');
  return {{"name", engine.substr(0, blank)},
          {"version", blank == std::string::npos ? Json() : Json(engine.substr(blank + 1))}};
}

Json FormatJson(const OutputFormat& format) {
  return {{"name", format.name},
          {"content_type", format.content_type},
          {"description", format.description}};
}

// Available for a finished job; cannot be requested at submission.
Json ArchiveJson() {
  return {{"name", kArchiveFormat},
          {"content_type", kArchiveType},
          {"description", "The requested results and the text of every page in one file"}};
}

template <typename List, typename ToJson>
Json ListJson(const List& list, ToJson to_json) {
  Json json = Json::array();
  for (const auto& item : list) json.push_back(to_json(item));
  return json;
}

// How to upload a document that is too large for one request.
std::string UploadProtocol(const ApiCore& core) {
  if (core.world.uploads == nullptr) return "none";
  return core.world.uploads->IsDirect() ? "gcs-resumable" : "tus";
}

}  // namespace

Result<HttpResponse> ShowIndex(Call& call) {
  return JsonResponse(200, {{"name", "gnosis-ocr"},
                            {"version", call.core.options.version},
                            {"links",
                             {{"jobs", "/api/v1/jobs"},
                              {"languages", "/api/v1/languages"},
                              {"engines", "/api/v1/engines"},
                              {"limits", "/api/v1/limits"},
                              {"openapi", "/openapi.json"},
                              {"livez", "/livez"},
                              {"readyz", "/readyz"},
                              {"metrics", "/metrics"}}}});
}

Result<HttpResponse> ListLanguages(Call& call) {
  return JsonResponse(200, {{"languages", InstalledLanguages(call.core.options.models)}});
}

Result<HttpResponse> ListEngines(Call& call) {
  return JsonResponse(200, {{"engines", ListJson(call.core.options.engines, EngineJson)},
                            {"modes", PageOptionOf("mode").choices},
                            {"formats", ListJson(OutputFormats(), FormatJson)},
                            {"archives", {ArchiveJson()}}});
}

Result<HttpResponse> ListLimits(Call& call) {
  const ApiOptions& options = call.core.options;
  const ApiLimits& limits = options.limits;
  return JsonResponse(200, {{"max_upload_bytes", options.max_upload_bytes},
                            {"max_pages", options.max_pages},
                            {"max_file_name_bytes", limits.max_file_name_bytes},
                            {"max_idempotency_key_bytes", limits.max_idempotency_key_bytes},
                            {"max_requests_per_second", options.access.max_requests_per_second},
                            {"max_jobs", options.owner_limits.max_jobs},
                            {"max_queued_pages", options.owner_limits.max_pages},
                            {"max_kept_bytes", options.owner_limits.max_bytes},
                            {"upload_protocol", UploadProtocol(call.core)},
                            {"max_uploads", options.uploads.max_per_owner},
                            {"upload_ttl_seconds", options.uploads.ttl.count()},
                            {"max_event_streams", limits.max_event_streams},
                            {"min_dpi", kMinDpi},
                            {"max_dpi", kMaxDpi},
                            {"max_languages", kMaxLanguages},
                            {"max_wait_seconds", kMaxWait.count()}});
}

Result<HttpResponse> ShowMetrics(Call& call) {
  const ApiWorld& world = call.core.world;
  return TextResponse(200, "text/plain; version=0.0.4; charset=utf-8",
                      call.core.metrics.Render(world.queue_depth(), world.live_workers()));
}

Result<HttpResponse> ShowOpenApi(Call& call) {
  ApiCore& core = call.core;
  std::call_once(core.open_api_begun, [&core] {
    core.open_api =
        std::make_shared<std::string>(DumpJson(OpenApiDocument(core.options.version)) + "\n");
  });
  HttpResponse response{200, {}, SharedBytes{*core.open_api, core.open_api}};
  response.headers.Set("Content-Type", "application/json");
  return response;
}

}  // namespace gnosis
