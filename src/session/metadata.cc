#include "session/metadata.h"

#include <algorithm>

#include "base/id.h"
#include "base/json.h"
#include "page/media_types.h"
#include "session/json_fields.h"
#include "session/keys.h"
#include "session/page_options_json.h"

namespace gnosis {
namespace {

constexpr int kSchemaVersion = 1;
constexpr int kIncarnationDigits = 16;
constexpr size_t kMaxNameBytes = 32;  // of a format

// Of a format: it becomes part of an object's key.
bool IsPlainName(std::string_view name) {
  return !name.empty() && name.size() <= kMaxNameBytes && name.front() != '.' &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
                  c == '-';
         });
}

bool IsHex(std::string_view text, size_t digits) {
  return text.size() == digits && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

bool IsSha256(std::string_view text) { return IsHex(text, 64); }

Json OptionsJson(const JobOptions& options) {
  Json json = PageOptionsJson(options.reading);
  json["formats"] = options.formats;
  json["pages"] = FormatPageRanges(options.pages);
  return json;
}

Result<JobOptions> ReadOptions(const Json& json) {
  FieldReader fields(json, "options");
  JobOptions options;
  options.reading = ReadPageOptions(fields);
  options.formats = fields.Texts("formats");
  auto pages = ParsePageRanges(fields.Text("pages"));
  fields.Require(!options.formats.empty() &&
                     std::all_of(options.formats.begin(), options.formats.end(), IsPlainName),
                 "formats", "are not valid format names");
  fields.Require(pages.ok(), "pages", "are not page ranges");
  RETURN_IF_ERROR(fields.status());
  options.pages = *std::move(pages);
  return options;
}

void CheckRanges(FieldReader& fields, const Metadata& metadata) {
  fields.Require(ParseSessionKey(metadata.user_hash, metadata.session_id).ok(), "session_id",
                 "or user_hash is not an id");
  const MediaType* type = FindMediaType(metadata.media_type);
  fields.Require(type != nullptr, "media_type", "is not a document's media type");
  fields.Require(type == nullptr || metadata.extension == type->extension, "extension",
                 "does not match the media type");
  fields.Require(IsSha256(metadata.sha256), "sha256", "is not 64 hexadecimal digits");
  fields.Require(metadata.incarnation.empty() || IsIncarnation(metadata.incarnation), "incarnation",
                 "is not 16 hexadecimal digits");
  fields.Require(metadata.submission_id.empty() || IsUuid(metadata.submission_id), "submission_id",
                 "is not a UUID");
}

}  // namespace

bool IsIncarnation(std::string_view text) { return IsHex(text, kIncarnationDigits); }

std::string NewIncarnation() { return RandomHex(kIncarnationDigits); }

std::string EncodeMetadata(const Metadata& metadata) {
  Json json = {{"schema_version", metadata.schema_version},
               {"session_id", metadata.session_id},
               {"user_hash", metadata.user_hash},
               {"file_name", metadata.file_name},
               {"extension", metadata.extension},
               {"media_type", metadata.media_type},
               {"size_bytes", metadata.size_bytes},
               {"sha256", metadata.sha256},
               {"document_pages", metadata.document_pages},
               {"options", OptionsJson(metadata.options)},
               {"created_at", FormatTime(metadata.created_at)},
               {"expires_at", JsonOrNull(metadata.expires_at)}};
  // Written only when set, so that the files of other documents stay as they always were.
  if (!metadata.incarnation.empty()) json["incarnation"] = metadata.incarnation;
  if (!metadata.submission_id.empty()) json["submission_id"] = metadata.submission_id;
  if (metadata.password_given) json["password_given"] = true;
  return DumpJson(json, 2) + "\n";
}

Result<Metadata> DecodeMetadata(std::string_view bytes) {
  ASSIGN_OR_RETURN(const Json json, ParseJson(bytes));
  if (!json.is_object()) return Error{ErrorCode::kDamaged, "metadata: not a JSON object", ""};
  FieldReader fields(json, "metadata");
  Metadata metadata;
  metadata.schema_version = fields.Int("schema_version", kSchemaVersion, kSchemaVersion);
  metadata.session_id = fields.Text("session_id");
  metadata.user_hash = fields.Text("user_hash");
  metadata.file_name = fields.Text("file_name");
  metadata.extension = fields.Text("extension");
  metadata.media_type = fields.Text("media_type");
  metadata.size_bytes = uint64_t(fields.Integer("size_bytes", 0, INT64_MAX));
  metadata.sha256 = fields.Text("sha256");
  metadata.document_pages = fields.Int("document_pages", 1, kToTheEnd);
  auto options = ReadOptions(fields.Object("options"));
  metadata.created_at = fields.Moment("created_at");
  metadata.expires_at = fields.MomentOrNull("expires_at");
  if (json.contains("incarnation")) metadata.incarnation = fields.Text("incarnation");
  if (json.contains("submission_id")) metadata.submission_id = fields.Text("submission_id");
  metadata.password_given = json.contains("password_given");
  fields.Require(!metadata.password_given || json["password_given"] == true, "password_given",
                 "is present but not true");
  CheckRanges(fields, metadata);
  RETURN_IF_ERROR(fields.status());
  if (!options.ok()) return options.error().Context("metadata");
  metadata.options = *std::move(options);
  return metadata;
}

}  // namespace gnosis
