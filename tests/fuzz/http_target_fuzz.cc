// The target of a request line from outside.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "net/http_target.h"

namespace {

void CheckText(std::string_view text) { GNOSIS_CHECK(text.find('\0') == text.npos); }

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto target = gnosis::ParseTarget(text);
  if (!target.ok()) {
    GNOSIS_CHECK(!target.error().message.empty() && !target.error().hint.empty());
    return 0;
  }
  GNOSIS_CHECK(target->path.starts_with('/'));
  std::string joined;
  for (const std::string& segment : target->segments) joined += '/' + segment;
  GNOSIS_CHECK(joined == target->path);
  CheckText(target->path);
  for (const auto& [name, value] : target->query) {
    CheckText(name);
    CheckText(value);
  }
  return 0;
}
