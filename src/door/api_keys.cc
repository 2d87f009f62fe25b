#include "door/api_keys.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/hash.h"
#include "base/id.h"
#include "base/json.h"
#include "door/owner.h"
#include "session/json_fields.h"
#include "session/keys.h"

namespace gnosis {
namespace {

constexpr int kSchemaVersion = 1;
constexpr size_t kMaxNameBytes = 64;
constexpr size_t kMaxSecretBytes = 256;

bool IsKeyName(std::string_view name) {
  const auto harmless = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  };
  return !name.empty() && name.size() <= kMaxNameBytes &&
         std::all_of(name.begin(), name.end(), harmless);
}

bool IsSha256(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

Result<ApiKey> DecodeKey(const Json& json, size_t index) {
  const std::string where = fmt::format("key {}", index + 1);
  if (!json.is_object()) return Error{ErrorCode::kDamaged, where + " is not an object", ""};
  FieldReader reader(json, where);
  ApiKey key;
  key.name = reader.Text("name");
  key.owner = reader.Text("owner");
  key.sha256 = reader.Text("sha256");
  key.created_at = reader.Moment("created_at");
  reader.Require(IsKeyName(key.name), "name", "is not a valid key name");
  reader.Require(OwnerOf(key.owner) == key.owner, "owner",
                 "is not an e-mail address in lower case");
  reader.Require(IsSha256(key.sha256), "sha256", "is not 64 hexadecimal digits");
  RETURN_IF_ERROR(reader.status());
  return key;
}

auto FindName(std::vector<ApiKey>& keys, std::string_view name) {
  return std::find_if(keys.begin(), keys.end(),
                      [&](const ApiKey& key) { return key.name == name; });
}

bool HasSecret(const std::vector<ApiKey>& keys, std::string_view sha256) {
  return std::any_of(keys.begin(), keys.end(),
                     [&](const ApiKey& key) { return key.sha256 == sha256; });
}

// Folders are named after 48 bits of a hash: two owners with the same folder would share their
// jobs.
bool SharesFolder(const ApiKey& key, const std::string& owner) {
  return key.owner != owner && UserHash(key.owner) == UserHash(owner);
}

}  // namespace

std::string EncodeApiKeys(const std::vector<ApiKey>& keys) {
  Json list = Json::array();
  for (const ApiKey& key : keys) {
    list.push_back({{"name", key.name},
                    {"owner", key.owner},
                    {"sha256", key.sha256},
                    {"created_at", FormatTime(key.created_at)}});
  }
  return DumpJson({{"schema_version", kSchemaVersion}, {"keys", std::move(list)}}, 2) + "\n";
}

Result<std::vector<ApiKey>> DecodeApiKeys(std::string_view bytes) {
  ASSIGN_OR_RETURN(const Json json, ParseJson(bytes));
  const auto list = json.is_object() ? json.find("keys") : json.end();
  if (list == json.end() || !list->is_array() ||
      JsonInteger(json, "schema_version") != kSchemaVersion || list->size() > kMaxApiKeys) {
    return Error{ErrorCode::kDamaged, "not a list of API keys", ""};
  }
  std::vector<ApiKey> keys;
  for (const Json& entry : *list) {
    ASSIGN_OR_RETURN(ApiKey key, DecodeKey(entry, keys.size()));
    if (FindName(keys, key.name) != keys.end()) {
      return Error{ErrorCode::kDamaged, "two keys have the same name", ""};
    }
    // The owner would depend on the order of the keys.
    if (HasSecret(keys, key.sha256)) {
      return Error{ErrorCode::kDamaged, "two keys have the same secret", ""};
    }
    keys.push_back(std::move(key));
  }
  return keys;
}

std::string NewSecret() { return "gnosis_" + RandomHex(64); }

Status AddApiKey(std::vector<ApiKey>& keys, std::string_view name, std::string_view owner,
                 std::string_view secret, Time now) {
  if (!IsKeyName(name)) {
    return Error{ErrorCode::kInvalidArgument, fmt::format("\"{}\" is not a valid key name", name),
                 fmt::format("use 1 to {} letters, digits, '.', '-', '_'", kMaxNameBytes)};
  }
  const auto email = OwnerOf(owner);
  if (!email) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("\"{}\" is not an e-mail address that can be an owner", owner),
                 "give an address in plain ASCII, like --owner ada@example.org"};
  }
  if (FindName(keys, name) != keys.end()) {
    return Error{ErrorCode::kConflict, fmt::format("a key named {} already exists", name),
                 "choose another name, or revoke it first"};
  }
  if (keys.size() >= kMaxApiKeys) {
    return Error{ErrorCode::kConflict,
                 fmt::format("there are already {} keys, which is the limit", kMaxApiKeys),
                 "revoke unused keys"};
  }
  if (std::any_of(keys.begin(), keys.end(),
                  [&](const ApiKey& key) { return SharesFolder(key, *email); })) {
    return Error{ErrorCode::kConflict, "another owner's folder has the same name",
                 "use another address for this owner"};
  }
  const std::string sha256 = Sha256Hex(secret);
  if (HasSecret(keys, sha256)) {
    return Error{ErrorCode::kConflict, "another key has the same secret", "create a new key"};
  }
  keys.push_back({std::string(name), *email, sha256, now});
  return Ok();
}

Status RemoveApiKey(std::vector<ApiKey>& keys, std::string_view name) {
  const auto found = FindName(keys, name);
  if (found == keys.end()) {
    return Error{ErrorCode::kNotFound, fmt::format("there is no key named {}", name),
                 "list the keys with: gnosis-ocr keys list"};
  }
  keys.erase(found);
  return Ok();
}

const ApiKey* FindApiKey(const std::vector<ApiKey>& keys, std::string_view secret) {
  if (secret.empty() || secret.size() > kMaxSecretBytes) return nullptr;
  const std::string sha256 = Sha256Hex(secret);
  const ApiKey* found = nullptr;
  for (const ApiKey& key : keys) {
    if (EqualsInConstantTime(key.sha256, sha256)) found = &key;
  }
  return found;
}

}  // namespace gnosis
