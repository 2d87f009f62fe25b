#include "net/http_target.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace gnosis {
namespace {

constexpr std::string_view kEscapeHint =
    "write reserved characters as % and two hexadecimal digits of their UTF-8 bytes";

Error Bad(std::string message, std::string_view hint = kEscapeHint) {
  return {ErrorCode::kInvalidArgument, std::move(message), std::string(hint)};
}

std::optional<int> HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

// The length of the sequence that `text` starts with (RFC 3629); 0: it is none.
size_t Utf8Length(std::string_view text) {
  const auto byte = [&](size_t i) { return i < text.size() ? uint8_t(text[i]) : 0; };
  const auto continues = [&](size_t i) { return (byte(i) & 0xC0) == 0x80; };
  const int first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return continues(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    const bool overlong = first == 0xE0 && byte(1) < 0xA0;
    const bool surrogate = first == 0xED && byte(1) > 0x9F;
    return !overlong && !surrogate && continues(1) && continues(2) ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const bool overlong = first == 0xF0 && byte(1) < 0x90;
    const bool beyond = first == 0xF4 && byte(1) > 0x8F;
    return !overlong && !beyond && continues(1) && continues(2) && continues(3) ? 4 : 0;
  }
  return 0;
}

bool IsUtf8(std::string_view text) {
  while (!text.empty()) {
    const size_t length = Utf8Length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

// Non-ASCII bytes are allowed: curl sends them as typed.
bool IsTargetCharacter(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte > ' ' && byte != 0x7F && byte != '#';
}

std::pair<std::string_view, std::optional<std::string_view>> SplitOnce(std::string_view text,
                                                                       char at) {
  const size_t found = text.find(at);
  if (found == text.npos) return {text, std::nullopt};
  return {text.substr(0, found), text.substr(found + 1)};
}

// "http://host/path" becomes "/path".
std::optional<std::string> TakeAuthority(std::string_view& target) {
  constexpr std::string_view kScheme = "http://";
  if (!target.starts_with(kScheme)) return std::nullopt;
  target.remove_prefix(kScheme.size());
  const size_t end = std::min(target.find_first_of("/?"), target.size());
  std::string authority(target.substr(0, end));
  target.remove_prefix(end);
  return authority;
}

Status TakePath(std::string_view path, HttpTarget& out) {
  std::optional<std::string_view> rest = path.substr(1);
  while (rest) {
    const auto [segment, after] = SplitOnce(*rest, '/');
    ASSIGN_OR_RETURN(std::string decoded, PercentDecode(segment, Plus::kIsPlus));
    out.path += '/' + decoded;
    out.segments.push_back(std::move(decoded));
    rest = after;
  }
  return Ok();
}

Status TakeQuery(std::optional<std::string_view> query, HttpTarget& out) {
  while (query) {
    const auto [pair, after] = SplitOnce(*query, '&');
    const auto [name, value] = SplitOnce(pair, '=');
    ASSIGN_OR_RETURN(std::string decoded_name, PercentDecode(name, Plus::kIsBlank));
    ASSIGN_OR_RETURN(std::string decoded, PercentDecode(value.value_or(""), Plus::kIsBlank));
    if (!pair.empty()) out.query.try_emplace(std::move(decoded_name), std::move(decoded));
    query = after;
  }
  return Ok();
}

}  // namespace

Result<std::string> PercentDecode(std::string_view text, Plus plus) {
  std::string decoded;
  decoded.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      const auto high = i + 1 < text.size() ? HexDigit(text[i + 1]) : std::nullopt;
      const auto low = i + 2 < text.size() ? HexDigit(text[i + 2]) : std::nullopt;
      if (!high || !low) return Bad("a % without two hexadecimal digits after it");
      c = char(*high * 16 + *low);
      i += 2;
    } else if (c == '+' && plus == Plus::kIsBlank) {
      c = ' ';
    }
    if (c == '\0') return Bad("a NUL byte");
    decoded += c;
  }
  if (!IsUtf8(decoded)) return Bad("text that is not UTF-8");
  return decoded;
}

Result<HttpTarget> ParseTarget(std::string_view target, size_t max_bytes) {
  if (target.size() > max_bytes) {
    return Error{ErrorCode::kTooLarge,
                 fmt::format("the request target is {} bytes long, the limit is {}", target.size(),
                             max_bytes),
                 "send long values in the body, or raise MAX_TARGET_BYTES"};
  }
  if (!std::all_of(target.begin(), target.end(), IsTargetCharacter)) {
    return Bad("the request target contains a character that must be escaped");
  }
  HttpTarget out;
  out.authority = TakeAuthority(target);
  const auto [path, query] = SplitOnce(target, '?');
  if (!out.authority && !path.starts_with('/')) {
    return Bad("the request target does not start with a slash", "request a path, such as /livez");
  }
  const Status taken = TakePath(path.empty() ? "/" : path, out);
  if (!taken.ok()) return taken.error().Context("the path of the request");
  const Status asked = TakeQuery(query, out);
  if (!asked.ok()) return asked.error().Context("the query of the request");
  return out;
}

}  // namespace gnosis
