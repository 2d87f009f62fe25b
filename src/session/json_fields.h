// Reads back a JSON object that this program wrote: every field must be present, have its type and
// be in its range.
//
// The life of a FieldReader: read one field after the other, then ask `status()` once. The first
// invalid field is remembered; values read after it are meaningless.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "base/result.h"

namespace gnosis {

class FieldReader {
 public:
  // `object` must outlive the reader; `where` is prefixed to the error ("page 3").
  FieldReader(const Json& object, std::string where) : object_(object), where_(std::move(where)) {}

  std::string Text(std::string_view field);
  std::optional<std::string> TextOrNull(std::string_view field);
  std::vector<std::string> Texts(std::string_view field);
  int64_t Integer(std::string_view field, int64_t low, int64_t high);
  int Int(std::string_view field, int low, int high) { return int(Integer(field, low, high)); }
  std::optional<int64_t> IntegerOrNull(std::string_view field, int64_t low, int64_t high);
  std::optional<double> NumberOrNull(std::string_view field, double low, double high);
  Time Moment(std::string_view field);
  std::optional<Time> MomentOrNull(std::string_view field);
  // An empty object when the field is not an object.
  const Json& Object(std::string_view field);
  const Json& ObjectOrNull(std::string_view field);
  // Any value; nothing when it is missing.
  const Json* Find(std::string_view field) const;
  // A name from a closed list: `parse` returns nothing for any other text.
  template <typename T>
  T Name(std::string_view field, std::optional<T> (*parse)(std::string_view)) {
    const std::optional<T> value = parse(TextView(field));
    Require(value.has_value(), field, "is not one of the known names");
    return value.value_or(T{});
  }

  // For conditions on several fields: `what` completes the sentence "field ...".
  void Require(bool condition, std::string_view field, std::string_view what);
  Status status() const { return error_ ? Status(*error_) : Ok(); }

 private:
  const Json& Value(std::string_view field);
  std::string_view TextView(std::string_view field);

  const Json& object_;
  const std::string where_;
  std::optional<Error> error_;
};

inline constexpr int kMaxCount = 1'000'000'000;            // leaves room to count further
inline constexpr int64_t kMaxRevision = int64_t{1} << 53;  // exact in every JSON reader

}  // namespace gnosis
