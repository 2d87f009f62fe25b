#include "api/submit_upload.h"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "base/json.h"

namespace gnosis {
namespace {

Error BadBody(std::string message) {
  return Error{ErrorCode::kInvalidArgument, std::move(message),
               "send {\"upload_id\": \"...\"}, together with any fields of the form"};
}

// The text that the same field would have in a form.
std::optional<std::string> AsField(const std::string& name, const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_integer()) return fmt::to_string(value.get<int64_t>());
  if (!value.is_array()) return std::nullopt;
  std::string joined;
  for (const Json& item : value) {
    if (!item.is_string()) return std::nullopt;
    if (!joined.empty()) joined += name == "lang" ? '+' : ',';
    joined += item.get<std::string>();
  }
  return joined;
}

}  // namespace

Result<std::string> ReadUploadBody(std::string_view body, SubmitFields& fields) {
  const auto json = ParseJson(body);
  if (!json.ok() || !json->is_object()) return BadBody("the request body is not a JSON object");
  const auto upload_id = JsonString(*json, "upload_id");
  if (!upload_id) return BadBody("the request body has no upload_id");
  for (const auto& [name, value] : json->items()) {
    if (name == "upload_id" || value.is_null()) continue;
    RETURN_IF_ERROR(SubmitFields::CheckName(name));
    auto text = AsField(name, value);
    if (!text) return BadBody(fmt::format("the field \"{}\" is not valid", name));
    RETURN_IF_ERROR(fields.TakeFromForm(name, *std::move(text)));
  }
  return *upload_id;
}

Status CheckUploadIsComplete(const PartialUpload& upload) {
  if (upload.offset_bytes == upload.length_bytes) return Ok();
  return Error{ErrorCode::kConflict,
               fmt::format("{} of the upload's {} bytes are missing",
                           upload.length_bytes - upload.offset_bytes, upload.length_bytes),
               "send them with PATCH first"};
}

}  // namespace gnosis
