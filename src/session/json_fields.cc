#include "session/json_fields.h"

#include <algorithm>
#include <cmath>

namespace gnosis {
namespace {

const Json& Null() {
  static const Json null;
  return null;
}

const Json& EmptyObject() {
  static const Json object = Json::object();
  return object;
}

}  // namespace

void FieldReader::Require(bool condition, std::string_view field, std::string_view what) {
  if (condition || error_) return;
  std::string message = where_ + ": " + std::string(field) + " " + std::string(what);
  error_ = Error{ErrorCode::kDamaged, std::move(message), ""};
}

const Json& FieldReader::Value(std::string_view field) {
  const auto found = object_.find(field);
  const bool there = found != object_.end();
  Require(there, field, "is missing");
  return there ? *found : Null();
}

std::string_view FieldReader::TextView(std::string_view field) {
  const auto* text = Value(field).get_ptr<const std::string*>();
  Require(text != nullptr, field, "is not a string");
  return text != nullptr ? std::string_view(*text) : std::string_view();
}

std::string FieldReader::Text(std::string_view field) { return std::string(TextView(field)); }

std::optional<std::string> FieldReader::TextOrNull(std::string_view field) {
  const Json& value = Value(field);
  if (value.is_null()) return std::nullopt;
  const auto* text = value.get_ptr<const std::string*>();
  Require(text != nullptr, field, "is neither a string nor null");
  return text != nullptr ? std::optional(*text) : std::nullopt;
}

std::vector<std::string> FieldReader::Texts(std::string_view field) {
  std::vector<std::string> texts;
  const Json& values = Value(field);
  Require(values.is_array(), field, "is not a list");
  if (!values.is_array()) return texts;
  for (const Json& value : values) {
    const auto* text = value.get_ptr<const std::string*>();
    Require(text != nullptr, field, "holds something that is not a string");
    if (text != nullptr) texts.push_back(*text);
  }
  return texts;
}

int64_t FieldReader::Integer(std::string_view field, int64_t low, int64_t high) {
  const std::optional<int64_t> value = IntegerOrNull(field, low, high);
  Require(value.has_value(), field, "is null");
  return value.value_or(low);
}

std::optional<int64_t> FieldReader::IntegerOrNull(std::string_view field, int64_t low,
                                                  int64_t high) {
  const Json& value = Value(field);
  if (value.is_null()) return std::nullopt;
  // A number beyond int64_t turns negative here, or is a floating point number: both are refused.
  const bool fits = value.is_number_integer() && value.get<int64_t>() >= low &&
                    value.get<int64_t>() <= high &&
                    !(value.is_number_unsigned() && value.get<uint64_t>() > uint64_t(INT64_MAX));
  Require(fits, field, "is not a whole number in its range");
  return fits ? value.get<int64_t>() : low;
}

std::optional<double> FieldReader::NumberOrNull(std::string_view field, double low, double high) {
  const Json& value = Value(field);
  if (value.is_null()) return std::nullopt;
  const double number = value.is_number() ? value.get<double>() : std::nan("");
  const bool fits = number >= low && number <= high;
  Require(fits, field, "is not a number in its range");
  return fits ? number : low;
}

Time FieldReader::Moment(std::string_view field) {
  const std::optional<Time> time = ParseTime(TextView(field));
  Require(time.has_value(), field, "is not a time");
  return time.value_or(Time{});
}

std::optional<Time> FieldReader::MomentOrNull(std::string_view field) {
  return Value(field).is_null() ? std::nullopt : std::optional(Moment(field));
}

const Json& FieldReader::Object(std::string_view field) {
  const Json& value = Value(field);
  Require(value.is_object(), field, "is not an object");
  return value.is_object() ? value : EmptyObject();
}

const Json& FieldReader::ObjectOrNull(std::string_view field) {
  const Json& value = Value(field);
  return value.is_null() ? value : Object(field);
}

const Json* FieldReader::Find(std::string_view field) const {
  const auto found = object_.find(field);
  return found == object_.end() ? nullptr : &*found;
}

}  // namespace gnosis
