#include "page/page_result.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <tuple>

#include "page/utf8.h"

namespace gnosis {
namespace {

// Written by hand: a JSON tree of a page's words needs ten times as much memory as its text form.

std::string_view EscapeOf(char c) {
  switch (c) {
    case '"':
      return "\\\"";
    case '\\':
      return "\\\\";
    case '\n':
      return "\\n";
    case '\t':
      return "\\t";
    default:
      return "";
  }
}

void AppendEscaped(std::string& out, char c) {
  const std::string_view escape = EscapeOf(c);
  if (escape.empty()) {
    fmt::format_to(std::back_inserter(out), "\\u{:04x}", uint8_t(c));
  } else {
    out += escape;
  }
}

bool NeedsEscape(char c) { return uint8_t(c) < 0x20 || c == '"' || c == '\\'; }

void AppendString(std::string& out, std::string_view text) {
  if (!IsUtf8(text)) return AppendString(out, CleanText(text));
  out += '"';
  while (!text.empty()) {
    const auto special = std::find_if(text.begin(), text.end(), NeedsEscape);
    const size_t plain = size_t(special - text.begin());
    out += text.substr(0, plain);
    if (special != text.end()) AppendEscaped(out, *special);
    text.remove_prefix(std::min(plain + 1, text.size()));
  }
  out += '"';
}

// The shortest decimal form that converts back to the same number.
template <typename Number>
void AppendNumber(std::string& out, Number number) {
  // JSON has no NaN, and none should get here; one that does is written as 0.
  fmt::format_to(std::back_inserter(out), "{}", std::isfinite(number) ? number : Number(0));
}

void AppendInteger(std::string& out, int number) {
  const fmt::format_int digits(number);
  out.append(digits.data(), digits.size());
}

void AppendBox(std::string& out, const Box& box) {
  out += "\"box\":[";
  AppendInteger(out, box.left);
  out += ',';
  AppendInteger(out, box.top);
  out += ',';
  AppendInteger(out, box.right);
  out += ',';
  AppendInteger(out, box.bottom);
  out += ']';
}

// Writes `[`, each item on its own line after `indent` blanks, `]`.
template <typename T, typename AppendItem>
void AppendRows(std::string& out, const std::vector<T>& items, int indent, AppendItem append) {
  out += '[';
  for (size_t i = 0; i < items.size(); ++i) {
    out += i == 0 ? "\n" : ",\n";
    out.append(size_t(indent), ' ');
    append(out, items[i]);
  }
  out += ']';
}

void AppendWord(std::string& out, const Word& word) {
  out += "{\"text\":";
  AppendString(out, word.text);
  out += ',';
  AppendBox(out, word.box);
  out += ",\"confidence\":";
  AppendNumber(out, word.confidence);
  out += '}';
}

void AppendLine(std::string& out, const Line& line) {
  out += '{';
  AppendBox(out, line.box);
  out += ",\"baseline\":[";
  AppendNumber(out, line.baseline.slope);
  out += ',';
  AppendNumber(out, line.baseline.offset);
  out += "],\"words\":";
  AppendRows(out, line.words, 10, AppendWord);
  out += '}';
}

void AppendParagraph(std::string& out, const Paragraph& paragraph) {
  out += '{';
  AppendBox(out, paragraph.box);
  out += ",\"lines\":";
  AppendRows(out, paragraph.lines, 8, AppendLine);
  out += '}';
}

void AppendBlock(std::string& out, const Block& block) {
  out += '{';
  AppendBox(out, block.box);
  out += ",\"paragraphs\":";
  AppendRows(out, block.paragraphs, 6, AppendParagraph);
  out += '}';
}

// One field of the top level.
class FieldWriter {
 public:
  explicit FieldWriter(std::string& out) : out_(out) {}
  void Integer(std::string_view name, int64_t value) {
    Name(name);
    out_ += fmt::to_string(value);
  }
  void Text(std::string_view name, std::string_view value) {
    Name(name);
    AppendString(out_, value);
  }
  void Raw(std::string_view name, std::string_view value) {
    Name(name);
    out_ += value;
  }
  void Name(std::string_view name) {
    out_ += first_ ? "{\n" : ",\n";
    first_ = false;
    fmt::format_to(std::back_inserter(out_), "  \"{}\": ", name);
  }

 private:
  std::string& out_;
  bool first_ = true;
};

std::string EncodeError(const std::optional<Error>& error) {
  if (!error) return "null";
  std::string out = "{\"code\":";
  AppendString(out, ErrorCodeName(error->code));
  out += ",\"message\":";
  AppendString(out, error->message);
  out += ",\"hint\":";
  AppendString(out, error->hint);
  return out + '}';
}

std::string EncodeConfidence(const std::optional<double>& confidence) {
  if (!confidence) return "null";
  std::string out;
  AppendNumber(out, *confidence);
  return out;
}

auto TieError(const Error& error) { return std::tie(error.code, error.message, error.hint); }

bool SameError(const std::optional<Error>& a, const std::optional<Error>& b) {
  if (a.has_value() != b.has_value()) return false;
  return !a || TieError(*a) == TieError(*b);
}

auto Tie(const PageResult& r) {
  return std::tie(r.schema_version, r.page, r.edition, r.incarnation, r.completed, r.text, r.words,
                  r.width, r.height, r.dpi, r.angle, r.language, r.source, r.source_reason,
                  r.thresholding, r.confidence, r.image_sha256, r.preview_sha256, r.duration_ms,
                  r.completed_at);
}

}  // namespace

bool PageResult::operator==(const PageResult& other) const {
  return Tie(*this) == Tie(other) && SameError(error, other.error);
}

std::string ErrorText(const Error& error) {
  return fmt::format("{}: {}", ErrorCodeName(error.code), error.message);
}

std::string EncodePageResult(const PageResult& result) {
  std::string out;
  FieldWriter fields(out);
  fields.Integer("schema_version", result.schema_version);
  fields.Integer("page", result.page);
  fields.Integer("edition", result.edition);
  if (!result.incarnation.empty()) fields.Text("incarnation", result.incarnation);
  fields.Raw("completed", result.completed ? "true" : "false");
  fields.Raw("error", EncodeError(result.error));
  fields.Integer("width", result.width);
  fields.Integer("height", result.height);
  fields.Integer("dpi", result.dpi);
  fields.Integer("angle", result.angle);
  fields.Text("language", result.language);
  fields.Text("source", result.source);
  fields.Text("source_reason", result.source_reason);
  fields.Text("thresholding", result.thresholding);
  fields.Raw("confidence", EncodeConfidence(result.confidence));
  fields.Text("image_sha256", result.image_sha256);
  fields.Text("preview_sha256", result.preview_sha256);
  fields.Integer("duration_ms", result.duration_ms);
  fields.Text("completed_at", FormatTime(result.completed_at));
  fields.Text("text", result.text);
  fields.Name("blocks");
  AppendRows(out, result.words.blocks, 4, AppendBlock);
  out += "\n}\n";
  return out;
}

}  // namespace gnosis
