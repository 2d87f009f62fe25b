#include "google/crc32c.h"

#include <array>
#include <cstring>

#include "google/encoding.h"

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace gnosis {
namespace {

// kTables[k][b] is the CRC of byte b followed by k zero bytes.
constexpr auto kTables = [] {
  std::array<std::array<uint32_t, 256>, 8> tables{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) ? 0x82F63B78u : 0u);
    tables[0][i] = value;
  }
  for (size_t k = 1; k < tables.size(); ++k) {
    for (size_t i = 0; i < 256; ++i) {
      const uint32_t before = tables[k - 1][i];
      tables[k][i] = (before >> 8) ^ tables[0][before & 0xFF];
    }
  }
  return tables;
}();

uint32_t OfEight(uint32_t state, const unsigned char* bytes) {
  uint32_t value = 0;
  for (size_t i = 0; i < 8; ++i) {
    const uint32_t mixed = i < 4 ? (state >> (8 * i)) & 0xFF : 0;
    value ^= kTables[7 - i][bytes[i] ^ mixed];
  }
  return value;
}

}  // namespace

uint32_t Crc32cByTable(uint32_t state, std::string_view bytes) {
  const auto* next = reinterpret_cast<const unsigned char*>(bytes.data());
  size_t left = bytes.size();
  for (; left >= 8; next += 8, left -= 8) state = OfEight(state, next);
  for (; left > 0; ++next, --left) state = (state >> 8) ^ kTables[0][(state ^ *next) & 0xFF];
  return state;
}

#if defined(__x86_64__)
bool ProcessorHasCrc32c() { return __builtin_cpu_supports("sse4.2"); }

__attribute__((target("sse4.2"))) uint32_t Crc32cByProcessor(uint32_t state,
                                                             std::string_view bytes) {
  uint64_t wide = state;
  const char* next = bytes.data();
  size_t left = bytes.size();
  for (; left >= 8; next += 8, left -= 8) {
    uint64_t word = 0;
    std::memcpy(&word, next, 8);
    wide = _mm_crc32_u64(wide, word);
  }
  auto narrow = static_cast<uint32_t>(wide);
  for (; left > 0; ++next, --left) {
    narrow = _mm_crc32_u8(narrow, static_cast<unsigned char>(*next));
  }
  return narrow;
}
#else
bool ProcessorHasCrc32c() { return false; }
uint32_t Crc32cByProcessor(uint32_t state, std::string_view bytes) {
  return Crc32cByTable(state, bytes);
}
#endif

void Crc32c::Update(std::string_view bytes) {
  static const bool has_instruction = ProcessorHasCrc32c();
  state_ = has_instruction ? Crc32cByProcessor(state_, bytes) : Crc32cByTable(state_, bytes);
}

std::string Crc32c::Base64() const {
  const uint32_t crc = value();
  const char bytes[4] = {static_cast<char>(crc >> 24), static_cast<char>(crc >> 16),
                         static_cast<char>(crc >> 8), static_cast<char>(crc)};
  return ::gnosis::Base64(std::string_view(bytes, 4));
}

std::string Crc32cBase64(std::string_view bytes) {
  Crc32c crc;
  crc.Update(bytes);
  return crc.Base64();
}

}  // namespace gnosis
