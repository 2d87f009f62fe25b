// Scans the raw bytes of a request's head for anything that two parsers may interpret differently,
// which is how requests are smuggled (RFC 9112 sections 2.2 and 5.2): line ends that are not CR LF,
// folded lines, control characters. The parser would tolerate some of them.
//
// The life of a scanner: one head; fed its bytes once each, until it is done or has found
// something.
#pragma once

#include <optional>
#include <string_view>

namespace gnosis {

// Any except a tab.
bool IsControl(char c);

class HeadScanner {
 public:
  // What is wrong, for the client; nothing: continue. Bytes after the end of the head are not
  // examined.
  std::optional<std::string_view> Feed(std::string_view bytes);

 private:
  std::optional<std::string_view> Take(char c);

  enum class At { kStartOfLine, kInLine, kAfterReturn, kBehindHead };
  At at_ = At::kStartOfLine;
  bool line_is_empty_ = true;
};

}  // namespace gnosis
