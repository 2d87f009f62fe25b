#include "base/hash.h"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <array>

#include "base/result.h"

namespace gnosis {
namespace {

// kCrcTables[k][b] is the CRC of byte b followed by k zero bytes.
constexpr auto kCrcTables = [] {
  std::array<std::array<uint32_t, 256>, 16> tables{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) ? 0xEDB88320u : 0u);
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

uint32_t LittleEndian(const unsigned char* bytes) {
  return uint32_t(bytes[0]) | uint32_t(bytes[1]) << 8 | uint32_t(bytes[2]) << 16 |
         uint32_t(bytes[3]) << 24;
}

// The CRC of four bytes followed by `zeros` zero bytes.
uint32_t CrcOfFour(uint32_t word, size_t zeros) {
  const auto* t = &kCrcTables[zeros];
  return t[3][word & 0xFF] ^ t[2][word >> 8 & 0xFF] ^ t[1][word >> 16 & 0xFF] ^ t[0][word >> 24];
}

// Sixteen bytes at a step ("slicing", Kounavis and Berry 2005).
uint32_t CrcOfSixteen(uint32_t crc, const unsigned char* bytes) {
  return CrcOfFour(LittleEndian(bytes) ^ crc, 12) ^ CrcOfFour(LittleEndian(bytes + 4), 8) ^
         CrcOfFour(LittleEndian(bytes + 8), 4) ^ CrcOfFour(LittleEndian(bytes + 12), 0);
}

}  // namespace

struct Sha256::Context {
  EVP_MD_CTX* md = EVP_MD_CTX_new();
  ~Context() { EVP_MD_CTX_free(md); }
};

Sha256::Sha256() : context_(std::make_unique<Context>()) {
  GNOSIS_CHECK(EVP_DigestInit_ex(context_->md, EVP_sha256(), nullptr) == 1);
}
Sha256::~Sha256() = default;

void Sha256::Update(std::string_view bytes) {
  GNOSIS_CHECK(EVP_DigestUpdate(context_->md, bytes.data(), bytes.size()) == 1);
}

std::string Sha256::FinishHex() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned size = 0;
  GNOSIS_CHECK(EVP_DigestFinal_ex(context_->md, digest.data(), &size) == 1);
  std::string hex;
  for (unsigned i = 0; i < size; ++i) fmt::format_to(std::back_inserter(hex), "{:02x}", digest[i]);
  return hex;
}

Result<std::string> Sha256OfFile(const FileDescriptor& file) {
  Sha256 hash;
  RETURN_IF_ERROR(ForEachPiece(file, [&](std::string_view piece) {
    hash.Update(piece);
    return Ok();
  }));
  return hash.FinishHex();
}

std::string Sha256Hex(std::string_view bytes) {
  Sha256 hash;
  hash.Update(bytes);
  return hash.FinishHex();
}

bool EqualsInConstantTime(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string Crc32Hex(std::string_view bytes) {
  const auto* next = reinterpret_cast<const unsigned char*>(bytes.data());
  size_t left = bytes.size();
  uint32_t crc = 0xFFFFFFFFu;
  for (; left >= 16; next += 16, left -= 16) crc = CrcOfSixteen(crc, next);
  for (; left > 0; ++next, --left) crc = (crc >> 8) ^ kCrcTables[0][(crc ^ *next) & 0xFF];
  return fmt::format("{:08x}", crc ^ 0xFFFFFFFFu);
}

}  // namespace gnosis
