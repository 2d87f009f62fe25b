#include "google/encoding.h"

#include <gtest/gtest.h>

#include <random>

#include "google/crc32c.h"

namespace gnosis {
namespace {

TEST(Base64, TheVectorsOfRfc4648) {
  const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : vectors) {
    EXPECT_EQ(Base64(bytes), text);
    EXPECT_EQ(FromBase64(text), bytes);
  }
  EXPECT_EQ(Base64("\xfb\xff"), "+/8=");
  EXPECT_EQ(Base64Url("\xfb\xff"), "-_8");
  EXPECT_EQ(FromBase64Url("-_8"), "\xfb\xff");
}

TEST(Base64, EveryTextHasOneSpelling) {
  for (const char* text :
       {"Zg", "Zg=", "Zh==", "Zg===", "=", "Z===", "Zg==\n", " Zg==", "Zm9v=", "-_8="}) {
    EXPECT_EQ(FromBase64(text), std::nullopt) << text;
  }
  for (const char* text : {"Zg==", "Zh", "Z", "Zm9vY", "+/8", "Zg ", "Zg\n"}) {
    EXPECT_EQ(FromBase64Url(text), std::nullopt) << text;
  }
}

TEST(Crc32c, TheVectorsOfRfc3720) {
  const auto crc = [](const std::string& bytes) {
    Crc32c sum;
    sum.Update(bytes);
    return sum.value();
  };
  EXPECT_EQ(crc(""), 0u);
  EXPECT_EQ(crc("123456789"), 0xE3069283u);
  EXPECT_EQ(crc(std::string(32, '\0')), 0x8A9136AAu);
  EXPECT_EQ(crc(std::string(32, '\xff')), 0x62A8AB43u);
  EXPECT_EQ(Crc32cBase64("123456789"), "4waSgw==");
}

TEST(Crc32c, TableAndProcessorAgreeHoweverItIsCut) {
  std::mt19937 random(7);
  std::string bytes(5'000, '\0');
  for (char& c : bytes) c = static_cast<char>(random());
  for (size_t size = 0; size < 100; ++size) {
    const std::string_view part = std::string_view(bytes).substr(size * 3, size);
    EXPECT_EQ(Crc32cByTable(17, part), Crc32cByProcessor(17, part)) << size;
  }
  Crc32c whole, pieces;
  whole.Update(bytes);
  for (size_t i = 0; i < bytes.size();) {
    const size_t size = random() % 40;
    pieces.Update(std::string_view(bytes).substr(i, size));
    i += size;
  }
  EXPECT_EQ(pieces.value(), whole.value());
}

}  // namespace
}  // namespace gnosis
