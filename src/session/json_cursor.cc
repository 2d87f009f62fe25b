#include "session/json_cursor.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/json.h"

namespace gnosis {
namespace {

// `, "attempts": ` -> `attempts`
std::string_view Bare(std::string_view name) {
  const size_t end = name.rfind('"');
  if (end == std::string_view::npos || end == 0) return "the record";
  const size_t begin = name.rfind('"', end - 1);
  return begin == std::string_view::npos ? "a page" : name.substr(begin + 1, end - begin - 1);
}

bool IsPlain(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c >= 0x20 && c < 0x7f && c != '\\'; });
}

}  // namespace

void JsonCursor::Fail(std::string message) {
  if (error_) return;
  if (page_) message = fmt::format("page {}: {}", *page_, message);
  error_ = Error{ErrorCode::kDamaged, std::move(message), ""};
  rest_ = {};
}

void JsonCursor::Require(bool condition, std::string_view what) {
  if (!condition) Fail(fmt::format("{} {}", Bare(name_), what));
}

void JsonCursor::RequireOfAll(bool condition, std::string_view what) {
  if (!condition) Fail(std::string(what));
}

bool JsonCursor::Skip(std::string_view literal) {
  if (failed() || !rest_.starts_with(literal)) return false;
  rest_.remove_prefix(literal.size());
  return true;
}

JsonCursor& JsonCursor::Name(std::string_view name) {
  name_ = name;
  Require(Skip(name), "is not in its place");
  return *this;
}

bool JsonCursor::HasName(std::string_view name) {
  if (!Skip(name)) return false;
  name_ = name;
  return true;
}

std::string_view JsonCursor::Quoted() {
  Require(Skip("\""), "is not a string");
  size_t end = 0;
  while (end < rest_.size() && rest_[end] != '"') end += rest_[end] == '\\' ? 2 : 1;
  Require(end < rest_.size(), "does not end");
  if (failed()) return {};
  const std::string_view text = rest_.substr(0, end);
  rest_.remove_prefix(end + 1);
  return text;
}

std::string JsonCursor::Text() {
  const std::string_view quoted = Quoted();
  if (IsPlain(quoted)) return std::string(quoted);
  const auto json = ParseJson("\"" + std::string(quoted) + "\"");
  Require(json.ok(), "is not a string");
  return json.ok() ? json->get<std::string>() : std::string();
}

int64_t JsonCursor::Integer(int64_t low, int64_t high) {
  int64_t value = low;
  const char* begin = rest_.data();
  const auto [end, error] = std::from_chars(begin, begin + rest_.size(), value);
  Require(error == std::errc() && value >= low && value <= high,
          "is not a whole number in its range");
  if (failed()) return low;
  rest_.remove_prefix(size_t(end - begin));
  return value;
}

double JsonCursor::Number(double low, double high) {
  double value = low;
  const char* begin = rest_.data();
  const auto [end, error] = std::from_chars(begin, begin + rest_.size(), value);
  Require(error == std::errc() && value >= low && value <= high, "is not a number in its range");
  if (failed()) return low;
  rest_.remove_prefix(size_t(end - begin));
  return value;
}

Time JsonCursor::Moment() {
  const std::optional<Time> time = ParseTime(Quoted());
  Require(time.has_value(), "is not a time");
  return time.value_or(Time{});
}

Json JsonCursor::FlatObject() {
  size_t end = 0;
  bool in_text = false;
  for (; end < rest_.size() && (in_text || rest_[end] != '}'); ++end) {
    if (rest_[end] == '\\')
      ++end;
    else if (rest_[end] == '"')
      in_text = !in_text;
  }
  const auto json = ParseJson(rest_.substr(0, end + 1));
  Require(end < rest_.size() && json.ok() && json->is_object(), "is not an object");
  if (failed()) return Json::object();
  rest_.remove_prefix(end + 1);
  return *json;
}

}  // namespace gnosis
