#include "net/multipart.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <map>

#include "base/text.h"
#include "net/http_target.h"

namespace gnosis {
namespace {

constexpr size_t kMaxHeadBytes = 8 << 10;
constexpr int kMaxParts = 100;
constexpr size_t kMaxBoundaryBytes = 70;  // RFC 2046
constexpr size_t kMaxPaddingBytes = 64;   // spaces after a boundary

Error Malformed(std::string message) {
  return {ErrorCode::kInvalidArgument, "multipart/form-data: " + std::move(message),
          "send the form as a browser does, or with curl -F file=@document.pdf"};
}

// "form-data; name=\"file\"; filename=scan.pdf" (RFC 9110 section 5.6.6).
struct FieldValue {
  std::string value;  // lower case
  std::map<std::string, std::string> parameters;
};

// Takes a quoted string from the front of `text`. Only \" and \\ are escapes: some browsers send
// the backslashes of a Windows path unescaped.
std::optional<std::string> TakeQuoted(std::string_view& text) {
  std::string out;
  for (size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '"') {
      text.remove_prefix(i + 1);
      return out;
    }
    const char next = i + 1 < text.size() ? text[i + 1] : '\0';
    if (text[i] == '\\' && (next == '"' || next == '\\')) ++i;
    out += text[i];
  }
  return std::nullopt;
}

std::optional<std::string> TakeParameterValue(std::string_view& text) {
  if (text.starts_with('"')) return TakeQuoted(text);
  const size_t end = std::min(text.find(';'), text.size());
  std::string value(Trim(text.substr(0, end)));
  text.remove_prefix(end);
  return value;
}

std::optional<FieldValue> ParseFieldValue(std::string_view text) {
  FieldValue out;
  const size_t end = std::min(text.find(';'), text.size());
  out.value = LowerCase(Trim(text.substr(0, end)));
  text.remove_prefix(end);
  while (!text.empty()) {
    if (text[0] != ';') return std::nullopt;
    text = Trim(text.substr(1));
    if (text.empty() || text[0] == ';') continue;
    const size_t equals = text.find('=');
    if (equals == text.npos) return std::nullopt;
    std::string name = LowerCase(Trim(text.substr(0, equals)));
    text = Trim(text.substr(equals + 1));
    auto value = TakeParameterValue(text);
    if (!value) return std::nullopt;
    out.parameters.try_emplace(std::move(name), *std::move(value));
    text = Trim(text);
  }
  return out;
}

// filename*=UTF-8''scan%20%C3%BC.pdf (RFC 5987): not allowed in forms, but sent anyway.
std::optional<std::string> DecodeExtended(std::string_view text) {
  constexpr std::string_view kPrefix = "utf-8'";
  if (!LowerCase(text.substr(0, kPrefix.size())).starts_with(kPrefix)) return std::nullopt;
  const size_t quote = text.find('\'', kPrefix.size());
  if (quote == text.npos) return std::nullopt;
  auto decoded = PercentDecode(text.substr(quote + 1), Plus::kIsPlus);
  if (!decoded.ok()) return std::nullopt;
  return *std::move(decoded);
}

Status ReadDisposition(std::string_view value, PartHead& head) {
  auto field = ParseFieldValue(value);
  if (!field || field->value != "form-data") {
    return Malformed("a part's Content-Disposition is not form-data");
  }
  auto& parameters = field->parameters;
  const auto name = parameters.find("name");
  if (name == parameters.end()) return Malformed("a part has no name");
  head.name = name->second;
  if (const auto plain = parameters.find("filename"); plain != parameters.end()) {
    head.file_name = plain->second;
  }
  if (const auto extended = parameters.find("filename*"); extended != parameters.end()) {
    if (auto decoded = DecodeExtended(extended->second)) head.file_name = *std::move(decoded);
  }
  return Ok();
}

// `text` is the lines of the head, each with its CRLF.
Result<PartHead> ParsePartHead(std::string_view text) {
  std::map<std::string, std::string_view> fields;
  if (text.find('\0') != text.npos) return Malformed("a NUL byte in the header of a part");
  while (!text.empty()) {
    const size_t end = text.find("\r\n");
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 2);
    const size_t colon = line.find(':');
    if (colon == line.npos) return Malformed("a line without a colon in the header of a part");
    fields.try_emplace(LowerCase(Trim(line.substr(0, colon))), Trim(line.substr(colon + 1)));
  }
  const auto disposition = fields.find("content-disposition");
  if (disposition == fields.end()) return Malformed("a part has no Content-Disposition");
  PartHead head;
  RETURN_IF_ERROR(ReadDisposition(disposition->second, head));
  if (const auto type = fields.find("content-type"); type != fields.end()) {
    head.content_type = type->second;
  }
  return head;
}

// The states follow each other as they do in the body: preamble, (boundary line, head, data)*, the
// rest after the closing boundary, which is ignored.
class StreamingReader final : public MultipartReader {
 public:
  // The first boundary has no line before it; the CRLF held here takes its place.
  StreamingReader(const std::string& boundary, Callbacks callbacks)
      : delimiter_("\r\n--" + boundary), callbacks_(std::move(callbacks)), held_("\r\n") {}

  Status Feed(std::string_view bytes) override {
    if (!failed_.ok()) return failed_;
    held_ += bytes;
    Result<Progress> progress = Progress::kOn;
    while (progress.ok() && *progress == Progress::kOn) progress = Step();
    if (!progress.ok()) failed_ = progress.error();
    return failed_;
  }

  Status Finish() override {
    if (!failed_.ok()) return failed_;
    if (state_ == State::kAfterEnd) return Ok();
    return Malformed("the body ends before its closing boundary");
  }

 private:
  enum class State { kPreamble, kBoundaryLine, kHead, kData, kAfterEnd };
  enum class Progress { kOn, kNeedsMore };

  Result<Progress> Step() {
    switch (state_) {
      case State::kPreamble:
      case State::kData:
        return TakeData();
      case State::kBoundaryLine:
        return TakeBoundaryLine();
      case State::kHead:
        return TakeHead();
      case State::kAfterEnd:
        break;
    }
    held_.clear();
    return Progress::kNeedsMore;
  }

  // Everything before the next boundary; a possible start of one is held back.
  Result<Progress> TakeData() {
    const size_t found = held_.find(delimiter_);
    const size_t sure =
        found != held_.npos ? found : held_.size() - std::min(held_.size(), delimiter_.size() - 1);
    if (state_ == State::kData && sure > 0) {
      RETURN_IF_ERROR(callbacks_.on_data(std::string_view(held_).substr(0, sure)));
    }
    if (found == held_.npos) {
      held_.erase(0, sure);
      return Progress::kNeedsMore;
    }
    held_.erase(0, found + delimiter_.size());
    if (state_ == State::kData) RETURN_IF_ERROR(callbacks_.on_part_end());
    state_ = State::kBoundaryLine;
    return Progress::kOn;
  }

  // After a boundary: "--" or the end of the line.
  Result<Progress> TakeBoundaryLine() {
    if (held_.size() < 2) return Progress::kNeedsMore;
    if (held_.starts_with("--")) {
      state_ = State::kAfterEnd;
      return Progress::kOn;
    }
    const size_t padding = std::min(held_.find_first_not_of(" \t"), held_.size());
    if (padding > kMaxPaddingBytes) return Malformed("a boundary line that does not end");
    if (held_.size() < padding + 2) return Progress::kNeedsMore;
    if (held_.compare(padding, 2, "\r\n") != 0) {
      return Malformed("extra text after a boundary");
    }
    if (++parts_ > kMaxParts) {
      return Error{ErrorCode::kTooLarge, fmt::format("the form has more than {} parts", kMaxParts),
                   "send fewer fields"};
    }
    // The CRLF stays: a head without a line is then "\r\n\r\n", too.
    held_.erase(0, padding);
    state_ = State::kHead;
    return Progress::kOn;
  }

  Result<Progress> TakeHead() {
    constexpr std::string_view kEnd = "\r\n\r\n";
    const size_t end = held_.find(kEnd);
    if (std::min(end, held_.size()) > kMaxHeadBytes) {
      return Malformed(fmt::format("the header of a part is larger than {} bytes", kMaxHeadBytes));
    }
    if (end == held_.npos) return Progress::kNeedsMore;
    ASSIGN_OR_RETURN(const PartHead head, ParsePartHead(std::string_view(held_).substr(2, end)));
    held_.erase(0, end + kEnd.size());
    RETURN_IF_ERROR(callbacks_.on_part(head));
    state_ = State::kData;
    return Progress::kOn;
  }

  const std::string delimiter_;
  const Callbacks callbacks_;
  State state_ = State::kPreamble;
  std::string held_;
  int parts_ = 0;
  Status failed_;
};

bool IsBoundaryCharacter(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) ||
         std::string_view("'()+_,-./:=? ").find(c) != std::string_view::npos;
}

}  // namespace

Result<std::unique_ptr<MultipartReader>> MultipartReader::Make(std::string_view content_type,
                                                               Callbacks callbacks) {
  const auto type = ParseFieldValue(content_type);
  if (!type || type->value != "multipart/form-data") {
    return Malformed("the Content-Type is not multipart/form-data");
  }
  const auto found = type->parameters.find("boundary");
  if (found == type->parameters.end()) return Malformed("the Content-Type has no boundary");
  const std::string& boundary = found->second;
  const bool usable = !boundary.empty() && boundary.size() <= kMaxBoundaryBytes &&
                      std::all_of(boundary.begin(), boundary.end(), IsBoundaryCharacter);
  if (!usable) {
    return Malformed(fmt::format("the boundary is not 1 to {} letters, digits or '()+_,-./:=?",
                                 kMaxBoundaryBytes));
  }
  return std::unique_ptr<MultipartReader>(
      std::make_unique<StreamingReader>(boundary, std::move(callbacks)));
}

}  // namespace gnosis
