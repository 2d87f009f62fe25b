#include "google/storage_client.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <utility>

#include "base/text.h"
#include "page/media_types.h"

namespace gnosis {
namespace {

constexpr uint64_t kMaxListingBytes = uint64_t{8} << 20;  // 1,000 names of 1 KiB and their frame

struct Ending {
  std::string_view text;
  std::string_view content_type;
};
constexpr std::array kEndings{
    Ending{".json", "application/json"},
    Ending{".txt", "text/plain; charset=utf-8"},
    Ending{".md", "text/markdown; charset=utf-8"},
    Ending{".hocr", "application/xhtml+xml"},
    Ending{".xml", "application/xml"},
};

uint64_t Unsigned(const Json& json, std::string_view field) {
  // The JSON API writes 64-bit numbers as text.
  const std::string text = JsonString(json, field).value_or("");
  uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace

std::string_view ContentTypeOf(std::string_view key) {
  for (const Ending& ending : kEndings) {
    if (key.ends_with(ending.text)) return ending.content_type;
  }
  for (const MediaType& type : MediaTypes()) {
    if (key.ends_with(type.endings.front())) return type.name;
  }
  return "application/octet-stream";
}

std::string Precondition(IfGeneration if_generation) {
  return if_generation ? fmt::format("ifGenerationMatch={}", *if_generation) : "";
}

Result<ObjectDetails> ParseDetails(std::string_view text) {
  const auto json = ParseJson(text);
  if (!json.ok() || !json->is_object()) {
    return Error{ErrorCode::kIo, "Cloud Storage returned no object metadata", ""};
  }
  ObjectDetails details;
  details.generation = Generation(Unsigned(*json, "generation"));
  details.size_bytes = Unsigned(*json, "size");
  details.content_type = JsonString(*json, "contentType").value_or("");
  details.crc32c = JsonString(*json, "crc32c").value_or("");
  details.md5 = JsonString(*json, "md5Hash").value_or("");
  if (const auto metadata = json->find("metadata"); metadata != json->end()) {
    details.write_id = JsonString(*metadata, "write-id").value_or("");
  }
  if (details.generation <= 0) {
    return Error{ErrorCode::kIo, "Cloud Storage returned object metadata without a generation", ""};
  }
  return details;
}

StorageClient::StorageClient(CloudStorageOptions options, HttpClient& http, TokenSource& tokens)
    : options_(std::move(options)),
      http_(http),
      api_(http, tokens, options_.retry, options_.timing),
      pacer_(options_.write_interval, options_.timing, options_.stop) {
  GNOSIS_CHECK(options_.buffer_bytes > 0 && options_.buffer_bytes % kResumableUnit == 0);
}

CloudStorageCounts StorageClient::counts() const {
  return {.class_a = class_a_, .class_b = class_b_, .free = free_};
}

std::string StorageClient::ObjectsUrl() const {
  return options_.endpoint + "/storage/v1/b/" + PercentEncode(options_.bucket) + "/o";
}

std::string StorageClient::ObjectUrl(std::string_view key) const {
  return ObjectsUrl() + "/" + PercentEncode(key);
}

std::string StorageClient::UploadUrl(std::string_view type, std::string_view key,
                                     IfGeneration if_generation) const {
  std::string url =
      fmt::format("{}/upload/storage/v1/b/{}/o?uploadType={}&name={}&fields={}", options_.endpoint,
                  PercentEncode(options_.bucket), type, PercentEncode(key), kDetailFields);
  if (if_generation) url += "&" + Precondition(if_generation);
  return url;
}

ApiCall StorageClient::NewCall(PriceClass price, std::string method, std::string url) {
  ApiCall call;
  call.http.method = std::move(method);
  call.http.url = std::move(url);
  call.http.max_body_bytes = kMaxListingBytes;
  call.http.total_timeout = Seconds(120);
  call.http.stop = options_.stop;
  auto& count = price == PriceClass::kA ? class_a_ : price == PriceClass::kB ? class_b_ : free_;
  call.before_attempt = [&count](HttpCall&) { ++count; };
  return call;
}

std::string StorageClient::NewResource(std::string_view key, std::string_view write_id) const {
  return DumpJson(Json{{"contentType", ContentTypeOf(key)},
                       {"cacheControl", "no-store"},
                       {"metadata", {{"write-id", write_id}}}});
}

Result<ObjectDetails> StorageClient::Details(const std::string& key) {
  ASSIGN_OR_RETURN(const ApiReply reply,
                   api_.Call(NewCall(PriceClass::kB, "GET",
                                     ObjectUrl(key) + "?fields=" + std::string(kDetailFields))));
  if (!reply.ok()) return ToError(reply.http, key);
  auto details = ParseDetails(reply.http.body);
  if (!details.ok()) return details.error().Context(key);
  return details;
}

Error StorageClient::ToError(const HttpReply& reply, const std::string& key) const {
  const std::string message = MessageOf(reply);
  const std::string where = key + " in gs://" + options_.bucket;
  switch (reply.status) {
    case 401:
      return {ErrorCode::kPermission, where + ": the credentials are not accepted: " + message,
              "run `gcloud auth application-default login`, or check "
              "GOOGLE_APPLICATION_CREDENTIALS and the clock"};
    case 403:
      return {ErrorCode::kPermission, where + ": " + message,
              "give the service account the role roles/storage.objectUser on bucket " +
                  options_.bucket};
    case 404:
      if (message.find("bucket does not exist") != std::string::npos) {
        return {ErrorCode::kInvalidArgument, "there is no bucket gs://" + options_.bucket,
                "create it, or correct GCS_BUCKET_NAME"};
      }
      return {ErrorCode::kNotFound, key, ""};
    case 304:
    case 412:
      return {ErrorCode::kPreconditionFailed, key + " was changed by another process", ""};
    default:
      return {ErrorCode::kIo, fmt::format("{}: HTTP {}: {}", where, reply.status, message), ""};
  }
}

}  // namespace gnosis
