#include "google/jwt.h"

#include <set>
#include <utility>
#include <vector>

#include "google/encoding.h"

namespace gnosis {
namespace {

constexpr int kMaxDepth = 8;
constexpr size_t kMaxNameBytes = 256;

Error Bad(const char* what) { return {ErrorCode::kInvalidArgument, what, ""}; }

// Two members of one name mean one thing to one reader and another to the next.
Result<Json> ParseStrictly(std::string_view text) {
  std::vector<std::set<std::string>> members;  // of the objects that are open
  const char* problem = nullptr;
  const auto look = [&](int depth, Json::parse_event_t event, Json& value) {
    if (depth > kMaxDepth) problem = "nested too deep";
    if (event == Json::parse_event_t::object_start) members.emplace_back();
    if (event == Json::parse_event_t::object_end && !members.empty()) members.pop_back();
    if (event == Json::parse_event_t::key && !members.empty() &&
        !members.back().insert(value.get<std::string>()).second) {
      problem = "a member twice";
    }
    return problem == nullptr;
  };
  Json json = Json::parse(text, look, /*allow_exceptions=*/false);
  if (problem != nullptr) return Bad(problem);
  if (json.is_discarded() || !json.is_object()) return Bad("a part is no JSON object");
  return json;
}

Result<Json> DecodePart(std::string_view part) {
  const auto text = FromBase64Url(part);
  if (!text) return Bad("a part is no base64url");
  return ParseStrictly(*text);
}

Status CheckHeader(const Json& header) {
  for (const char* field : {"crit", "enc", "zip", "b64", "cty"}) {
    if (header.contains(field)) return Bad("its header asks for what we do not do");
  }
  if (header.contains("typ") && JsonString(header, "typ") != "JWT") return Bad("it is no JWT");
  return Ok();
}

Result<std::string> Name(const Json& header, const char* field) {
  const auto name = JsonString(header, field);
  if (!name || name->empty() || name->size() > kMaxNameBytes) {
    return Bad("its header has no alg or no kid");
  }
  return *name;
}

}  // namespace

Result<Jwt> ParseJwt(std::string_view text) {
  if (text.size() > kMaxJwtBytes) return Bad("longer than 8192 bytes");
  const size_t first = text.find('.');
  const size_t second = first == std::string_view::npos ? first : text.find('.', first + 1);
  if (second == std::string_view::npos || text.find('.', second + 1) != std::string_view::npos) {
    return Bad("not three parts");
  }
  ASSIGN_OR_RETURN(const Json header, DecodePart(text.substr(0, first)));
  RETURN_IF_ERROR(CheckHeader(header));
  Jwt jwt;
  ASSIGN_OR_RETURN(jwt.algorithm, Name(header, "alg"));
  ASSIGN_OR_RETURN(jwt.key_id, Name(header, "kid"));
  ASSIGN_OR_RETURN(jwt.claims, DecodePart(text.substr(first + 1, second - first - 1)));
  auto signature = FromBase64Url(text.substr(second + 1));
  if (!signature || signature->empty()) return Bad("no signature");
  jwt.signature = *std::move(signature);
  jwt.signed_text = std::string(text.substr(0, second));
  return jwt;
}

}  // namespace gnosis
