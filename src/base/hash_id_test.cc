#include <gtest/gtest.h>

#include <set>

#include "base/hash.h"
#include "base/id.h"

namespace gnosis {
namespace {

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
