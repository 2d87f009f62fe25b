#include "api/tus_headers.h"

#include <gtest/gtest.h>

#include <string>

namespace gnosis {
namespace {

TEST(DecodeBase64, TakesWhatRfc4648Shows) {
  EXPECT_EQ(DecodeBase64(""), "");
  EXPECT_EQ(DecodeBase64("Zg=="), "f");
  EXPECT_EQ(DecodeBase64("Zm8="), "fo");
  EXPECT_EQ(DecodeBase64("Zm9v"), "foo");
  EXPECT_EQ(DecodeBase64("Zm9vYg=="), "foob");
  EXPECT_EQ(DecodeBase64("Zm9vYmE="), "fooba");
  EXPECT_EQ(DecodeBase64("/+8A"), std::string("\xff\xef\0", 3));
}

TEST(DecodeBase64, TakesNothingElse) {
  for (const char* bad : {"Z", "Zg", "Zg=", "Zg===", "====", "=g==", "Z===", "Zh==", "Zm9=",
                          "Zm 9v", "Zg==Zg==", "Zm9v\n", "Zm-_"}) {
    EXPECT_EQ(DecodeBase64(bad), std::nullopt) << bad;
  }
}

TEST(ParseUploadSize, TakesDigitsUpTo63Bits) {
  EXPECT_EQ(ParseUploadSize("0"), 0u);
  EXPECT_EQ(ParseUploadSize("9223372036854775807"), 9223372036854775807u);
  for (const char* bad : {"", "-1", "+1", " 1", "1 ", "1.0", "0x1", "9223372036854775808", "1,1"}) {
    EXPECT_EQ(ParseUploadSize(bad), std::nullopt) << bad;
  }
}

TEST(ParseUploadMetadata, GivesPairsInTheirOrder) {
  const auto metadata = ParseUploadMetadata("filename c2Nhbi5wZGY=, is_confidential,filetype YQ==");
  ASSERT_TRUE(metadata.ok()) << metadata.error().message;
  EXPECT_EQ(*metadata,
            (UploadMetadata{{"filename", "scan.pdf"}, {"is_confidential", ""}, {"filetype", "a"}}));
  EXPECT_EQ(FileNameIn(*metadata), "scan.pdf");
  EXPECT_TRUE(ParseUploadMetadata("")->empty());
  EXPECT_EQ(FileNameIn(*ParseUploadMetadata("name YQ==")), "a");
  EXPECT_EQ(FileNameIn({}), "");
}

TEST(ParseUploadMetadata, RefusesWhatIsNoSuchList) {
  for (const char* bad :
       {"filename x", "filename YQ==,filename YQ==", "fi\tle YQ==", "a YQ== YQ=="}) {
    EXPECT_EQ(ParseUploadMetadata(bad).code(), ErrorCode::kInvalidArgument) << bad;
  }
  EXPECT_EQ(ParseUploadMetadata(std::string(4097, 'a')).code(), ErrorCode::kTooLarge);
}

TEST(ParseUploadChecksum, KnowsTwoAlgorithms) {
  const auto sha1 = ParseUploadChecksum("sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=");
  ASSERT_TRUE(sha1.ok());
  EXPECT_EQ(sha1->algorithm, Checksum::Algorithm::kSha1);
  EXPECT_EQ(sha1->digest.size(), 20u);
  const auto sha256 = ParseUploadChecksum("sha256 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
  ASSERT_TRUE(sha256.ok());
  EXPECT_EQ(sha256->digest.size(), 32u);
  for (const char* bad :
       {"", "sha1", "sha1 ", "md5 1B2M2Y8AsgTpgAmY7PhCfg==", "sha1 YQ==",
        "SHA1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=", "sha256 Kq5sNclPz7QV2+lfQIuc6R7oRu0="}) {
    EXPECT_EQ(ParseUploadChecksum(bad).code(), ErrorCode::kInvalidArgument) << bad;
  }
}

}  // namespace
}  // namespace gnosis
