#include "net/head_scanner.h"

namespace gnosis {

bool IsControl(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < ' ' && byte != '\t') || byte == 0x7F;
}

std::optional<std::string_view> HeadScanner::Feed(std::string_view bytes) {
  for (const char c : bytes) {
    if (at_ == At::kBehindHead) break;
    if (const auto wrong = Take(c)) return wrong;
  }
  return std::nullopt;
}

std::optional<std::string_view> HeadScanner::Take(char c) {
  if (at_ == At::kAfterReturn) {
    if (c != '\n') return "a carriage return that does not end a line";
    at_ = line_is_empty_ ? At::kBehindHead : At::kStartOfLine;
    line_is_empty_ = true;
    return std::nullopt;
  }
  if (c == '\n') return "a line that ends without a carriage return";
  if (c == '\r') {
    at_ = At::kAfterReturn;
    return std::nullopt;
  }
  if (at_ == At::kStartOfLine && (c == ' ' || c == '\t')) {
    return "a line that begins with a space or tab";
  }
  if (IsControl(c)) return "a control character";
  at_ = At::kInLine;
  line_is_empty_ = false;
  return std::nullopt;
}

}  // namespace gnosis
