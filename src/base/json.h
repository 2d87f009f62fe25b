// JSON without exceptions: nlohmann's values, read with Results.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace gnosis {

// Keeps the order in which fields were written, so that files stay readable.
using Json = nlohmann::ordered_json;

// At most 64 levels deep; anything that is not one JSON value in UTF-8 is kDamaged.
Result<Json> ParseJson(std::string_view text);
// Invalid UTF-8 is replaced by U+FFFD, never an exception.
std::string DumpJson(const Json& json, int indent = -1);

// Fields of an object: nothing if absent, null or of another type.
std::optional<std::string> JsonString(const Json& object, std::string_view field);
std::optional<int64_t> JsonInteger(const Json& object, std::string_view field);
std::optional<double> JsonNumber(const Json& object, std::string_view field);
std::optional<bool> JsonBool(const Json& object, std::string_view field);
std::optional<Time> JsonTime(const Json& object, std::string_view field);

// null when there is no value.
Json JsonOrNull(const std::optional<std::string>& text);
Json JsonOrNull(const std::optional<Time>& time);

}  // namespace gnosis
