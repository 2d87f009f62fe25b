#include "apidoc/openapi.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "base/text.h"
#include "door/header_values.h"
#include "door/sign_in_cookie.h"
#include "page/media_types.h"

namespace gnosis {
namespace {

constexpr std::string_view kProblemType = "application/problem+json";

Json Ref(std::string_view schema) {
  return {{"$ref", fmt::format("#/components/schemas/{}", schema)}};
}

Json PathParameter(std::string_view name) {
  const bool page = name == "page";
  return {{"name", name},
          {"in", "path"},
          {"required", true},
          {"description",
           page ? "number of the page in the document, from 1" : "id of the job or upload"},
          {"schema", page ? Json{{"type", "integer"}, {"minimum", 1}}
                          : Json{{"type", "string"}, {"format", "uuid"}}}};
}

// "/jobs/{id}/pages/{page}.txt" -> id, page.
std::vector<std::string_view> NamesInPattern(std::string_view pattern) {
  std::vector<std::string_view> names;
  for (size_t open = pattern.find('{'); open != std::string_view::npos;
       open = pattern.find('{', open + 1)) {
    names.push_back(pattern.substr(open + 1, pattern.find('}', open) - open - 1));
  }
  return names;
}

Json SecuritySchemes() {
  return {{"bearer",
           {{"type", "http"},
            {"scheme", "bearer"},
            {"description", "an API key created with gnosis-ocr keys add"}}},
          {"api_key", {{"type", "apiKey"}, {"in", "header"}, {"name", "X-API-Key"}}},
          {"session",
           {{"type", "apiKey"},
            {"in", "cookie"},
            {"name", kSignInCookie},
            {"description",
             "set by POST /api/v1/session; requests that make changes also need X-Gnosis-Request: "
             "1"}}}};
}

Json Parameters(const OperationDoc& doc) {
  Json parameters = Json::array();
  for (const std::string_view name : NamesInPattern(doc.pattern)) {
    parameters.push_back(PathParameter(name));
  }
  for (const ParameterDoc& parameter : doc.parameters) {
    parameters.push_back({{"name", parameter.name},
                          {"in", parameter.place},
                          {"required", false},
                          {"description", parameter.description},
                          {"schema", {{"type", parameter.type}}}});
  }
  return parameters;
}

Json DocumentBody() {
  Json media;
  media["multipart/form-data"] = {{"schema", Ref("SubmitForm")}};
  media["application/json"] = {{"schema", Ref("SubmitUpload")}};
  const auto add = [&media](std::string_view type) {
    media[std::string(type)] = {{"schema", {{"type", "string"}, {"contentMediaType", type}}}};
  };
  for (const MediaType& type : MediaTypes()) add(type.name);
  add("application/octet-stream");
  return {{"required", true}, {"content", std::move(media)}};
}

Json JsonBody(std::string_view schema, bool required) {
  return {{"required", required}, {"content", {{"application/json", {{"schema", Ref(schema)}}}}}};
}

Json UploadPartBody(bool required) {
  const Json schema = {{"type", "string"}, {"contentMediaType", kTusContentType}};
  return {{"required", required},
          {"content", {{std::string(kTusContentType), {{"schema", schema}}}}}};
}

std::optional<Json> BodyOf(BodyDoc body) {
  switch (body) {
    case BodyDoc::kNone:
      return std::nullopt;
    case BodyDoc::kDocument:
      return DocumentBody();
    case BodyDoc::kRetry:
      return JsonBody("Retry", false);
    case BodyDoc::kSignIn:
      return JsonBody("SignIn", true);
    case BodyDoc::kUploadPart:
      return UploadPartBody(true);
    case BodyDoc::kMaybeUploadPart:
      break;
  }
  return UploadPartBody(false);
}

// Needs no key, even if keys are in force (except /readyz?verbose).
bool IsOpen(const OperationDoc& doc) {
  return doc.pattern == "/livez" || doc.pattern == "/readyz" || doc.pattern == "/api/v1/session";
}

std::set<int> ProblemStatuses(const OperationDoc& doc) {
  std::set<int> statuses(doc.problems.begin(), doc.problems.end());
  statuses.insert({403, 429, 500, 503});
  if (!IsOpen(doc)) statuses.insert(401);
  if (doc.pattern.find("{id}") != std::string_view::npos) statuses.insert({404, 410});
  return statuses;
}

void AddReply(Json& responses, int status, std::string_view description,
              std::string_view content_type, std::string_view schema) {
  Json& response = responses[fmt::to_string(status)];
  if (!response.contains("description")) response["description"] = description;
  if (content_type.empty()) return;
  const Json type = schema.empty() ? Json{{"type", "string"}} : Ref(schema);
  response["content"][std::string(content_type)] = {{"schema", type}};
}

Json Responses(const OperationDoc& doc) {
  Json responses = Json::object();
  for (const ReplyDoc& reply : doc.replies) {
    AddReply(responses, reply.status, reply.description, reply.content_type, reply.schema);
  }
  for (const int status : ProblemStatuses(doc)) {
    AddReply(responses, status, "Error; `code` identifies it", kProblemType, "Problem");
  }
  return responses;
}

Json Operation(const OperationDoc& doc) {
  Json operation = {{"operationId", doc.id}, {"summary", doc.summary}};
  Json parameters = Parameters(doc);
  if (!parameters.empty()) operation["parameters"] = std::move(parameters);
  if (auto body = BodyOf(doc.body)) operation["requestBody"] = *std::move(body);
  if (IsOpen(doc)) operation["security"] = Json::array();
  operation["responses"] = Responses(doc);
  return operation;
}

}  // namespace

const OperationDoc* FindOperationDoc(std::string_view method, std::string_view pattern) {
  const auto& docs = OperationDocs();
  const auto found = std::find_if(docs.begin(), docs.end(), [&](const OperationDoc& doc) {
    return doc.method == method && doc.pattern == pattern;
  });
  return found == docs.end() ? nullptr : &*found;
}

Json OpenApiDocument(const std::string& version) {
  Json paths = Json::object();
  for (const OperationDoc& doc : OperationDocs()) {
    paths[std::string(doc.pattern)][LowerCase(doc.method)] = Operation(doc);
  }
  return {{"openapi", "3.1.0"},
          {"info",
           {{"title", "gnosis-ocr"},
            {"version", version},
            {"description", "OCR for PDFs and images: text and word boxes, page by page."},
            {"license", {{"name", "Apache-2.0"}, {"identifier", "Apache-2.0"}}}}},
          {"paths", std::move(paths)},
          // Any of these; the empty one is for a server on one machine without keys.
          {"security",
           {{{"bearer", Json::array()}},
            {{"api_key", Json::array()}},
            {{"session", Json::array()}},
            Json::object()}},
          {"components", {{"schemas", OpenApiSchemas()}, {"securitySchemes", SecuritySchemes()}}}};
}

}  // namespace gnosis
