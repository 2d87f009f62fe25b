#include "page/utf8.h"

#include <cstdint>

namespace gnosis {
namespace {

constexpr char32_t kBad = 0xFFFFFFFF;
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

struct Character {
  char32_t value = kBad;
  size_t size_bytes = 1;
};

bool IsContinuation(uint8_t byte) { return (byte & 0xC0) == 0x80; }

// The number of bytes of a character that starts with `lead`, and the smallest code point that
// needs that many. 0 bytes: invalid start.
struct Form {
  size_t size_bytes = 0;
  char32_t smallest = 0;
  uint8_t payload = 0;
};
Form FormOf(uint8_t lead) {
  if (lead < 0x80) return {1, 0, lead};
  if (lead >= 0xC2 && lead < 0xE0) return {2, 0x80, uint8_t(lead & 0x1F)};
  if (lead >= 0xE0 && lead < 0xF0) return {3, 0x800, uint8_t(lead & 0x0F)};
  if (lead >= 0xF0 && lead < 0xF5) return {4, 0x10000, uint8_t(lead & 0x07)};
  return {};
}

// `text` must not be empty.
Character FirstCharacter(std::string_view text) {
  const Form form = FormOf(uint8_t(text[0]));
  if (form.size_bytes == 0 || form.size_bytes > text.size()) return {};
  char32_t value = form.payload;
  for (size_t i = 1; i < form.size_bytes; ++i) {
    const uint8_t byte = uint8_t(text[i]);
    if (!IsContinuation(byte)) return {};
    value = (value << 6) | (byte & 0x3F);
  }
  const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
  if (value < form.smallest || value > 0x10FFFF || surrogate) return {};
  return {value, form.size_bytes};
}

bool IsPrintableCharacter(char32_t c) {
  const bool control = c < 0x20 || (c >= 0x7F && c < 0xA0);
  const bool noncharacter = (c & 0xFFFE) == 0xFFFE || (c >= 0xFDD0 && c <= 0xFDEF);
  return !control && !noncharacter;
}

bool IsWhiteSpace(char32_t c) {
  if (c < 0x80) return c == ' ' || (c >= 0x09 && c <= 0x0D);
  return c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 ||
         c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

bool IsWordCharacter(char32_t c) { return IsPrintableCharacter(c) && !IsWhiteSpace(c); }

template <typename Accept>
bool AllCharacters(std::string_view text, Accept accept) {
  while (!text.empty()) {
    const Character c = FirstCharacter(text);
    if (c.value == kBad || !accept(c.value)) return false;
    text.remove_prefix(c.size_bytes);
  }
  return true;
}

template <typename Accept>
std::string Clean(std::string_view text, Accept accept) {
  std::string clean;
  while (!text.empty()) {
    const Character c = FirstCharacter(text);
    if (c.value == kBad) {
      clean += kReplacement;
    } else if (accept(c.value)) {
      clean += text.substr(0, c.size_bytes);
    }
    text.remove_prefix(c.size_bytes);
  }
  return clean;
}

}  // namespace

bool IsUtf8(std::string_view text) {
  return AllCharacters(text, [](char32_t) { return true; });
}
bool IsPrintable(std::string_view text) { return AllCharacters(text, IsPrintableCharacter); }
bool IsWord(std::string_view text) { return !text.empty() && AllCharacters(text, IsWordCharacter); }

std::string CleanText(std::string_view text) { return Clean(text, IsPrintableCharacter); }
std::string CleanWord(std::string_view text) { return Clean(text, IsWordCharacter); }

std::string BareFileName(std::string_view name) {
  const size_t slash = name.find_last_of("/\\");
  return CleanText(slash == std::string_view::npos ? name : name.substr(slash + 1));
}

std::string_view CutText(std::string_view text, size_t max_bytes) {
  if (text.size() <= max_bytes) return text;
  size_t end = max_bytes;
  while (end > 0 && IsContinuation(uint8_t(text[end]))) --end;
  return text.substr(0, end);
}

}  // namespace gnosis
