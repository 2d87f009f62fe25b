#include <fmt/format.h>

#include <limits>
#include <utility>

#include "base/json.h"
#include "page/page_result.h"
#include "page/utf8.h"

namespace gnosis {
namespace {

constexpr int kSchemaVersion = 1;
constexpr int kMaxInt = std::numeric_limits<int>::max();
constexpr double kMaxBaseline = 1e9;

// An error's message starts with the field name; each level prepends its own name.

Error Damaged(std::string_view field, std::string_view what) {
  return Error{ErrorCode::kDamaged, fmt::format("{}: {}", field, what), ""};
}

Result<int64_t> ReadInteger(const Json& object, std::string_view field, int64_t min, int64_t max) {
  const auto value = JsonInteger(object, field);
  if (!value) return Damaged(field, "missing or not a whole number");
  if (*value < min || *value > max) {
    return Damaged(field, fmt::format("{} is not between {} and {}", *value, min, max));
  }
  return *value;
}

Result<std::string> ReadString(const Json& object, std::string_view field) {
  auto value = JsonString(object, field);
  if (!value) return Damaged(field, "missing or not a string");
  return *std::move(value);
}

Result<double> NumberWithin(const Json& value, std::string_view field, double min, double max) {
  if (!value.is_number()) return Damaged(field, "missing or not a number");
  const double number = value.get<double>();
  if (!(number >= min && number <= max)) {
    return Damaged(field, fmt::format("{} is not between {} and {}", number, min, max));
  }
  return number;
}

// null if the field is missing.
const Json& FieldOf(const Json& object, std::string_view field) {
  static const Json kNull;
  if (!object.is_object()) return kNull;
  const auto found = object.find(field);
  return found == object.end() ? kNull : *found;
}

template <typename T, typename ReadItem>
Result<std::vector<T>> ReadRows(const Json& object, std::string_view field, ReadItem read) {
  const Json& rows = FieldOf(object, field);
  if (!rows.is_array()) return Damaged(field, "missing or not a list");
  std::vector<T> items;
  items.reserve(rows.size());
  for (const Json& row : rows) {
    Result<T> item = read(row);
    if (!item.ok()) {
      const Error& error = item.error();
      return Error{error.code, fmt::format("{}[{}].{}", field, items.size(), error.message), ""};
    }
    items.push_back(*std::move(item));
  }
  return items;
}

struct PageSize {
  int width = 0;
  int height = 0;
};

Result<Box> ReadBox(const Json& object, const PageSize& page) {
  const Json& json = FieldOf(object, "box");
  if (!json.is_array() || json.size() != 4) return Damaged("box", "not a list of four numbers");
  int edges[4];
  for (size_t i = 0; i < 4; ++i) {
    const int64_t limit = i % 2 == 0 ? page.width : page.height;
    if (!json[i].is_number_integer()) return Damaged("box", "not a list of four whole numbers");
    const int64_t edge = json[i].get<int64_t>();
    if (edge < 0 || edge > limit) {
      return Damaged("box", fmt::format("outside the page of {}x{}", page.width, page.height));
    }
    edges[i] = int(edge);
  }
  const Box box{edges[0], edges[1], edges[2], edges[3]};
  if (box.left > box.right || box.top > box.bottom) return Damaged("box", "inside out");
  return box;
}

Result<Baseline> ReadBaseline(const Json& object) {
  const Json& json = FieldOf(object, "baseline");
  if (!json.is_array() || json.size() != 2) return Damaged("baseline", "not a list of two numbers");
  ASSIGN_OR_RETURN(const double slope,
                   NumberWithin(json[0], "baseline", -kMaxBaseline, kMaxBaseline));
  ASSIGN_OR_RETURN(const double offset,
                   NumberWithin(json[1], "baseline", -kMaxBaseline, kMaxBaseline));
  return Baseline{float(slope), float(offset)};
}

Result<Word> ReadWord(const Json& json, const PageSize& page) {
  Word word;
  ASSIGN_OR_RETURN(word.text, ReadString(json, "text"));
  if (!IsWord(word.text)) return Damaged("text", "empty, or not one printable word");
  ASSIGN_OR_RETURN(word.box, ReadBox(json, page));
  ASSIGN_OR_RETURN(const double confidence,
                   NumberWithin(FieldOf(json, "confidence"), "confidence", 0, 100));
  word.confidence = float(confidence);
  return word;
}

Result<Line> ReadLine(const Json& json, const PageSize& page) {
  Line line;
  ASSIGN_OR_RETURN(line.box, ReadBox(json, page));
  ASSIGN_OR_RETURN(line.baseline, ReadBaseline(json));
  const auto read = [&](const Json& word) { return ReadWord(word, page); };
  ASSIGN_OR_RETURN(line.words, ReadRows<Word>(json, "words", read));
  return line;
}

Result<Paragraph> ReadParagraph(const Json& json, const PageSize& page) {
  Paragraph paragraph;
  ASSIGN_OR_RETURN(paragraph.box, ReadBox(json, page));
  const auto read = [&](const Json& line) { return ReadLine(line, page); };
  ASSIGN_OR_RETURN(paragraph.lines, ReadRows<Line>(json, "lines", read));
  return paragraph;
}

Result<Block> ReadBlock(const Json& json, const PageSize& page) {
  Block block;
  ASSIGN_OR_RETURN(block.box, ReadBox(json, page));
  const auto read = [&](const Json& paragraph) { return ReadParagraph(paragraph, page); };
  ASSIGN_OR_RETURN(block.paragraphs, ReadRows<Paragraph>(json, "paragraphs", read));
  return block;
}

Result<std::string> ReadSha256(const Json& object, std::string_view field) {
  ASSIGN_OR_RETURN(std::string digits, ReadString(object, field));
  const bool hex = digits.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (!hex || (digits.size() != 64 && !digits.empty())) {
    return Damaged(field, "not 64 lower-case hexadecimal digits");
  }
  return digits;
}

Result<std::optional<Error>> ReadError(const Json& object) {
  if (!object.is_object() || !object.contains("error")) return Damaged("error", "missing");
  const Json& json = FieldOf(object, "error");
  if (json.is_null()) return std::optional<Error>();
  const auto code = ParseErrorCode(JsonString(json, "code").value_or(""));
  if (!code) return Damaged("error.code", "missing or unknown");
  const auto message = JsonString(json, "message");
  const auto hint = JsonString(json, "hint");
  if (!message || !hint) return Damaged("error", "without a message or a hint");
  return std::optional(Error{*code, *message, *hint});
}

Result<std::optional<double>> ReadConfidence(const Json& object) {
  if (!object.is_object() || !object.contains("confidence")) {
    return Damaged("confidence", "missing");
  }
  const Json& json = FieldOf(object, "confidence");
  if (json.is_null()) return std::optional<double>();
  ASSIGN_OR_RETURN(const double confidence, NumberWithin(json, "confidence", 0, 100));
  return std::optional(confidence);
}

Status ReadState(const Json& json, PageResult& result) {
  ASSIGN_OR_RETURN(const int64_t page, ReadInteger(json, "page", 1, kMaxInt));
  ASSIGN_OR_RETURN(const int64_t edition, ReadInteger(json, "edition", 0, kMaxInt));
  const auto completed = JsonBool(json, "completed");
  if (!completed) return Damaged("completed", "missing or neither true nor false");
  ASSIGN_OR_RETURN(result.error, ReadError(json));
  if (*completed == result.error.has_value()) {
    return Damaged("error", *completed ? "a completed page has one" : "a failed page has none");
  }
  result.page = int(page);
  result.edition = int(edition);
  if (json.contains("incarnation")) {
    ASSIGN_OR_RETURN(result.incarnation, ReadString(json, "incarnation"));
  }
  result.completed = *completed;
  return Ok();
}

Status ReadGeometry(const Json& json, PageResult& result) {
  ASSIGN_OR_RETURN(const int64_t width, ReadInteger(json, "width", 0, kMaxInt));
  ASSIGN_OR_RETURN(const int64_t height, ReadInteger(json, "height", 0, kMaxInt));
  ASSIGN_OR_RETURN(const int64_t dpi, ReadInteger(json, "dpi", 0, kMaxInt));
  ASSIGN_OR_RETURN(const int64_t angle, ReadInteger(json, "angle", 0, 270));
  if (angle % 90 != 0) return Damaged("angle", "not one of 0, 90, 180, 270");
  result.width = int(width);
  result.height = int(height);
  result.dpi = int(dpi);
  result.angle = int(angle);
  return Ok();
}

Status ReadOrigin(const Json& json, PageResult& result) {
  ASSIGN_OR_RETURN(result.language, ReadString(json, "language"));
  ASSIGN_OR_RETURN(result.source, ReadString(json, "source"));
  ASSIGN_OR_RETURN(result.source_reason, ReadString(json, "source_reason"));
  ASSIGN_OR_RETURN(result.thresholding, ReadString(json, "thresholding"));
  ASSIGN_OR_RETURN(result.image_sha256, ReadSha256(json, "image_sha256"));
  ASSIGN_OR_RETURN(result.preview_sha256, ReadSha256(json, "preview_sha256"));
  ASSIGN_OR_RETURN(result.duration_ms, ReadInteger(json, "duration_ms", 0, INT64_MAX));
  const auto completed_at = JsonTime(json, "completed_at");
  if (!completed_at) return Damaged("completed_at", "missing or not a time in UTC");
  result.completed_at = *completed_at;
  return Ok();
}

// `text` and `confidence` are not checked against the words: a later version may join words in
// another way, and existing results must stay readable.
Status ReadWords(const Json& json, PageResult& result) {
  ASSIGN_OR_RETURN(result.text, ReadString(json, "text"));
  ASSIGN_OR_RETURN(result.confidence, ReadConfidence(json));
  const PageSize page{result.width, result.height};
  const auto read = [&](const Json& block) { return ReadBlock(block, page); };
  ASSIGN_OR_RETURN(result.words.blocks, ReadRows<Block>(json, "blocks", read));
  return Ok();
}

Result<PageResult> ReadResult(const Json& json) {
  PageResult result;
  ASSIGN_OR_RETURN(const int64_t version, ReadInteger(json, "schema_version", 1, kSchemaVersion));
  result.schema_version = int(version);
  RETURN_IF_ERROR(ReadState(json, result));
  RETURN_IF_ERROR(ReadGeometry(json, result));
  RETURN_IF_ERROR(ReadOrigin(json, result));
  RETURN_IF_ERROR(ReadWords(json, result));
  return result;
}

}  // namespace

Result<PageResult> DecodePageResult(std::string_view bytes) {
  constexpr std::string_view kHint = "process the page again";
  Result<Json> json = ParseJson(bytes);
  if (!json.ok()) return Error{ErrorCode::kDamaged, json.error().message, std::string(kHint)};
  Result<PageResult> result = ReadResult(*json);
  if (!result.ok()) return Error{ErrorCode::kDamaged, result.error().message, std::string(kHint)};
  return result;
}

}  // namespace gnosis
