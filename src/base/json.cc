#include "base/json.h"

#include <cmath>

namespace gnosis {
namespace {

constexpr int kMaxDepth = 64;

const Json* Field(const Json& object, std::string_view field) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(field);
  return found == object.end() ? nullptr : &*found;
}

}  // namespace

Result<Json> ParseJson(std::string_view text) {
  bool too_deep = false;
  const auto guard = [&](int depth, Json::parse_event_t, Json&) {
    too_deep = too_deep || depth > kMaxDepth;
    return !too_deep;
  };
  Json json = Json::parse(text, guard, /*allow_exceptions=*/false);
  if (too_deep) return Error{ErrorCode::kDamaged, "JSON nested deeper than 64 levels", ""};
  if (json.is_discarded()) return Error{ErrorCode::kDamaged, "not valid JSON", ""};
  return json;
}

std::string DumpJson(const Json& json, int indent) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

std::optional<std::string> JsonString(const Json& object, std::string_view field) {
  const Json* value = Field(object, field);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return value->get<std::string>();
}

std::optional<int64_t> JsonInteger(const Json& object, std::string_view field) {
  const Json* value = Field(object, field);
  if (value == nullptr || !value->is_number_integer()) return std::nullopt;
  if (value->is_number_unsigned() && value->get<uint64_t>() > uint64_t(INT64_MAX)) {
    return std::nullopt;
  }
  return value->get<int64_t>();
}

std::optional<double> JsonNumber(const Json& object, std::string_view field) {
  const Json* value = Field(object, field);
  if (value == nullptr || !value->is_number()) return std::nullopt;
  const double number = value->get<double>();
  return std::isfinite(number) ? std::optional(number) : std::nullopt;
}

std::optional<bool> JsonBool(const Json& object, std::string_view field) {
  const Json* value = Field(object, field);
  if (value == nullptr || !value->is_boolean()) return std::nullopt;
  return value->get<bool>();
}

std::optional<Time> JsonTime(const Json& object, std::string_view field) {
  const auto text = JsonString(object, field);
  return text ? ParseTime(*text) : std::nullopt;
}

Json JsonOrNull(const std::optional<std::string>& text) { return text ? Json(*text) : Json(); }
Json JsonOrNull(const std::optional<Time>& time) { return time ? Json(FormatTime(*time)) : Json(); }

}  // namespace gnosis
