#include "base/hash.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace gnosis {
namespace {

// By the definition, a bit at a time.
std::string SlowCrc32Hex(std::string_view bytes) {
  uint32_t crc = 0xFFFFFFFFu;
  for (const unsigned char byte : bytes) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) ? 0xEDB88320u : 0u);
  }
  return fmt::format("{:08x}", crc ^ 0xFFFFFFFFu);
}

TEST(Crc32, IsTheOneOfZlib) {
  EXPECT_EQ(Crc32Hex(""), "00000000");
  EXPECT_EQ(Crc32Hex("123456789"), "cbf43926");
}

TEST(Crc32, IsTheSameForEveryLengthAsByTheDefinition) {
  std::string bytes;
  for (int i = 0; i < 100; ++i) {
    ASSERT_EQ(Crc32Hex(bytes), SlowCrc32Hex(bytes)) << i << " bytes";
    bytes += char(i * 37 + 200);
  }
}

TEST(Sha256, IsTheOneOfTheStandard) {
  EXPECT_EQ(Sha256Hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Sha256, FedPieceByPieceIsTheSame) {
  Sha256 hash;
  hash.Update("a");
  hash.Update("");
  hash.Update("bc");
  EXPECT_EQ(hash.FinishHex(), Sha256Hex("abc"));
}

}  // namespace
}  // namespace gnosis
