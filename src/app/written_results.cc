#include "app/written_results.h"

#include "base/hash.h"
#include "base/id.h"
#include "base/json.h"

namespace gnosis {
namespace {

constexpr std::chrono::hours kKeep{30 * 24};
constexpr std::string_view kFolder = "written/";

// File names are arbitrary bytes, and keys must not contain external text: hence a hash. Sixteen
// folders, so that cleaning up does not go through all records at every start.
std::string KeyOf(const std::filesystem::path& target) {
  const std::string hash = Sha256Hex(target.lexically_normal().string());
  return std::string(kFolder) + hash.substr(0, 1) + "/" + hash;
}

}  // namespace

Result<std::optional<WrittenResult>> WrittenResults::Find(const std::filesystem::path& target) {
  const auto object = store_.Read(KeyOf(target));
  if (!object.ok()) {
    if (object.code() == ErrorCode::kNotFound) return std::optional<WrittenResult>();
    return object.error();
  }
  const auto json = ParseJson(object->bytes);
  if (!json.ok()) return std::optional<WrittenResult>();
  const auto document = JsonString(*json, "document");
  const auto sha256 = JsonString(*json, "sha256");
  const auto failed_pages = JsonInteger(*json, "failed_pages");
  if (!document || !sha256 || !failed_pages) return std::optional<WrittenResult>();
  return std::optional(WrittenResult{*document, *sha256, int(*failed_pages)});
}

Status WrittenResults::Note(const std::filesystem::path& target, const WrittenResult& written) {
  const Json json = {{"schema_version", 1},
                     {"target", target.string()},
                     {"document", written.document},
                     {"sha256", written.sha256},
                     {"failed_pages", written.failed_pages},
                     {"written_at", FormatTime(clock_.Now())}};
  const auto noted = store_.Write(KeyOf(target), DumpJson(json, 2) + "\n", kAnyGeneration);
  return noted.ok() ? Ok() : Status(noted.error());
}

Status WrittenResults::Tidy() {
  ASSIGN_OR_RETURN(const auto keys, store_.List(std::string(kFolder) + RandomHex(1) + "/"));
  for (const std::string& key : keys) {
    const auto object = store_.Read(key);
    if (!object.ok()) continue;
    const auto json = ParseJson(object->bytes);
    const auto written_at = json.ok() ? JsonTime(*json, "written_at") : std::nullopt;
    if (written_at && clock_.Now() - *written_at < kKeep) continue;
    RETURN_IF_ERROR(store_.Delete(key, kAnyGeneration));
  }
  return Ok();
}

}  // namespace gnosis
