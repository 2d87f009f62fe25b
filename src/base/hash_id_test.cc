#include <gtest/gtest.h>

#include <set>

#include "base/hash.h"
#include "base/id.h"

namespace gnosis {
namespace {

// CRC-32 bit by bit, as the polynomial's definition says.
std::string SlowCrc32Hex(std::string_view bytes) {
  uint32_t crc = 0xFFFFFFFFu;
  for (const char byte : bytes) {
    crc ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) ? 0xEDB88320u : 0u);
  }
  char text[9];
  std::snprintf(text, sizeof text, "%08x", crc ^ 0xFFFFFFFFu);
  return text;
}

TEST(Sha256, HashesTheStandardsExamples) {
  EXPECT_EQ(Sha256Hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Sha256Hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Sha256, IsTheSameInPieces) {
  Sha256 hash;
  for (const char* piece : {"a", "", "bc"}) hash.Update(piece);
  EXPECT_EQ(hash.FinishHex(), Sha256Hex("abc"));
}

TEST(Crc32, HasTheCheckValueOfItsPolynomial) {
  EXPECT_EQ(Crc32Hex("123456789"), "cbf43926");
  EXPECT_EQ(Crc32Hex(""), "00000000");
}

TEST(Crc32, IsWhatItsDefinitionSaysAtEveryLength) {
  std::string bytes;
  for (int i = 0; i < 40; ++i) {
    EXPECT_EQ(Crc32Hex(bytes), SlowCrc32Hex(bytes)) << bytes.size();
    bytes += char(i * 37 + 200);
  }
}

TEST(Crc32, NoticesEveryFlippedBit) {
  const std::string bytes = "{\"state\": \"completed\"}";
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string flipped = bytes;
    flipped[bit / 8] = char(flipped[bit / 8] ^ (1 << bit % 8));
    EXPECT_NE(Crc32Hex(flipped), Crc32Hex(bytes)) << bit;
  }
}

TEST(RandomUuid, IsAVersion4Uuid) {
  for (int i = 0; i < 100; ++i) {
    const std::string id = RandomUuid();
    EXPECT_TRUE(IsUuid(id)) << id;
    EXPECT_EQ(id[14], '4') << id;
    EXPECT_NE(std::string("89ab").find(id[19]), std::string::npos) << id;
  }
}

TEST(RandomUuid, IsAnotherOneEveryTime) {
  std::set<std::string> ids;
  for (int i = 0; i < 1000; ++i) ids.insert(RandomUuid());
  EXPECT_EQ(ids.size(), 1000u);
}

TEST(UuidFromText, IsAVersion8UuidAndTheSameForTheSameText) {
  const std::string id = UuidFromText("upload-42");
  EXPECT_TRUE(IsUuid(id)) << id;
  EXPECT_EQ(id[14], '8');
  EXPECT_NE(std::string("89ab").find(id[19]), std::string::npos) << id;
  EXPECT_EQ(UuidFromText("upload-42"), id);
  EXPECT_NE(UuidFromText("upload-43"), id);
}

TEST(IsUuid, RefusesEverythingElse) {
  for (const char* text :
       {"", "0b7c5a52-19e4-4a0c-8d3e-7f5d1c2b3a4", "0b7c5a52-19e4-4a0c-8d3e-7f5d1c2b3a490",
        "0B7c5a52-19e4-4a0c-8d3e-7f5d1c2b3a49", "0b7c5a52019e4-4a0c-8d3e-7f5d1c2b3a49",
        "0b7c5a5-219e4-4a0c-8d3e-7f5d1c2b3a49", "gb7c5a52-19e4-4a0c-8d3e-7f5d1c2b3a49",
        "../../../../../../../../../etc/passwd"}) {
    EXPECT_FALSE(IsUuid(text)) << text;
  }
}

TEST(RandomHex, HasSoManyDigits) {
  for (const int digits : {1, 8, 64}) {
    const std::string hex = RandomHex(digits);
    EXPECT_EQ(hex.size(), size_t(digits));
    EXPECT_EQ(hex.find_first_not_of("0123456789abcdef"), std::string::npos) << hex;
  }
  EXPECT_NE(RandomHex(32), RandomHex(32));
}

}  // namespace
}  // namespace gnosis
