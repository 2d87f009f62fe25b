#include "api/fold_case.h"

#include <cstdint>

namespace gnosis {
namespace {

bool IsWithin(uint32_t c, uint32_t first, uint32_t last) { return c >= first && c <= last; }

uint32_t FoldLatin(uint32_t c) {
  if (IsWithin(c, 0xC0, 0xDE) && c != 0xD7) return c + 32;
  if (c == 0x130 || c == 0x131) return c;  // Turkish: dotted and dotless i have no simple folding
  if (c == 0x178) return 0xFF;
  if (c == 0x17F) return 's';
  const bool upper_is_odd = IsWithin(c, 0x139, 0x148) || IsWithin(c, 0x179, 0x17E);
  const bool upper_is_even = IsWithin(c, 0x100, 0x137) || IsWithin(c, 0x14A, 0x177) ||
                             IsWithin(c, 0x1E00, 0x1E95) || IsWithin(c, 0x1EA0, 0x1EFF);
  if (upper_is_odd) return c + (c & 1);
  if (upper_is_even) return c | 1;
  return c == 0x1E9E ? 0xDF : c;
}

uint32_t FoldGreek(uint32_t c) {
  if (IsWithin(c, 0x391, 0x3AB) && c != 0x3A2) return c + 32;
  if (c == 0x3C2) return 0x3C3;  // final sigma
  if (c == 0x386) return 0x3AC;
  if (IsWithin(c, 0x388, 0x38A)) return c + 37;
  if (c == 0x38C) return 0x3CC;
  return IsWithin(c, 0x38E, 0x38F) ? c + 63 : c;
}

uint32_t FoldCyrillic(uint32_t c) {
  if (IsWithin(c, 0x410, 0x42F)) return c + 32;
  if (IsWithin(c, 0x400, 0x40F)) return c + 80;
  return IsWithin(c, 0x460, 0x481) || IsWithin(c, 0x48A, 0x4BF) || IsWithin(c, 0x4D0, 0x4FF) ? c | 1
                                                                                             : c;
}

uint32_t Fold(uint32_t c) {
  if (IsWithin(c, 'A', 'Z')) return c + 32;
  if (IsWithin(c, 0x370, 0x3FF)) return FoldGreek(c);
  if (IsWithin(c, 0x400, 0x4FF)) return FoldCyrillic(c);
  return FoldLatin(c);
}

}  // namespace

// Only characters of two and three bytes are decoded: no longer one has a case handled here.
std::string FoldCase(std::string_view text) {
  std::string folded;
  folded.reserve(text.size());
  const auto follows = [&](size_t at) {
    return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80;
  };
  const auto bits = [&](size_t at) { return uint32_t(text[at]) & 0x3F; };
  for (size_t i = 0; i < text.size(); ++i) {
    const uint32_t lead = static_cast<unsigned char>(text[i]);
    uint32_t c = lead;
    if ((lead & 0xE0) == 0xC0 && follows(i + 1)) {
      c = (lead & 0x1F) << 6 | bits(i + 1);
      i += 1;
    } else if ((lead & 0xF0) == 0xE0 && follows(i + 1) && follows(i + 2)) {
      c = (lead & 0x0F) << 12 | bits(i + 1) << 6 | bits(i + 2);
      i += 2;
    } else {
      folded += char(lead < 0x80 ? Fold(lead) : lead);
      continue;
    }
    c = Fold(c);
    if (c < 0x80) {
      folded += char(c);
    } else if (c < 0x800) {
      folded += {char(0xC0 | c >> 6), char(0x80 | (c & 0x3F))};
    } else {
      folded += {char(0xE0 | c >> 12), char(0x80 | (c >> 6 & 0x3F)), char(0x80 | (c & 0x3F))};
    }
  }
  return folded;
}

}  // namespace gnosis
