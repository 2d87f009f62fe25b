#include "base/id.h"

#include <sys/random.h>

#include <array>

#include "base/hash.h"
#include "base/result.h"

namespace gnosis {
namespace {

std::string WithDashes(std::string hex, char version) {
  hex[12] = version;
  const int variant = (hex[16] <= '9' ? hex[16] - '0' : hex[16] - 'a' + 10) & 3;
  hex[16] = "89ab"[variant];
  return hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-" + hex.substr(12, 4) + "-" +
         hex.substr(16, 4) + "-" + hex.substr(20, 12);
}

}  // namespace

std::string RandomHex(int digits) {
  std::array<unsigned char, 64> bytes;
  GNOSIS_CHECK(digits > 0 && size_t(digits) <= bytes.size());
  GNOSIS_CHECK(::getrandom(bytes.data(), bytes.size(), 0) == ssize_t(bytes.size()));
  std::string hex;
  for (int i = 0; i < digits; ++i) hex += "0123456789abcdef"[bytes[size_t(i)] & 15];
  return hex;
}

std::string RandomUuid() { return WithDashes(RandomHex(32), '4'); }

std::string UuidFromText(std::string_view text) {
  return WithDashes(Sha256Hex(text).substr(0, 32), '8');
}

bool IsUuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    const char c = text[i];
    if (dash ? c != '-' : !((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) return false;
  }
  return true;
}

}  // namespace gnosis
