// upload.json: what is known about a resumable upload besides its bytes.
#include <utility>

#include "session/json_fields.h"
#include "task/partial_uploads.h"

namespace gnosis {
namespace {

constexpr int kSchemaVersion = 1;

}  // namespace

std::string EncodePartialUpload(const PartialUpload& upload) {
  return DumpJson({{"schema_version", kSchemaVersion},
                   {"upload_id", upload.key.upload_id},
                   {"user_hash", upload.key.user_hash},
                   {"owner", upload.owner},
                   {"length_bytes", upload.length_bytes},
                   {"file_name", upload.file_name},
                   {"metadata", upload.metadata},
                   {"created_at", FormatTime(upload.created_at)},
                   {"expires_at", FormatTime(upload.expires_at)},
                   {"job_id", JsonOrNull(upload.job_id)}},
                  2) +
         "\n";
}

Result<PartialUpload> DecodePartialUpload(std::string_view bytes) {
  ASSIGN_OR_RETURN(const Json json, ParseJson(bytes));
  if (!json.is_object()) return Error{ErrorCode::kDamaged, "upload.json is not an object", ""};
  FieldReader reader(json, "upload.json");
  reader.Integer("schema_version", kSchemaVersion, kSchemaVersion);
  PartialUpload upload;
  upload.owner = reader.Text("owner");
  upload.length_bytes = uint64_t(reader.Integer("length_bytes", 0, INT64_MAX));
  upload.file_name = reader.Text("file_name");
  upload.metadata = reader.Text("metadata");
  upload.created_at = reader.Moment("created_at");
  upload.expires_at = reader.Moment("expires_at");
  upload.job_id = reader.TextOrNull("job_id");
  auto key = ParseUploadKey(reader.Text("user_hash"), reader.Text("upload_id"));
  reader.Require(key.ok(), "upload_id", "is not the id of an upload");
  RETURN_IF_ERROR(reader.status());
  upload.key = *std::move(key);
  return upload;
}

}  // namespace gnosis
