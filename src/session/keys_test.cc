#include "session/keys.h"

#include <gtest/gtest.h>

#include <set>

namespace gnosis {
namespace {

const SessionKey kSession{"3b0713b15570d61b9c23ce684a2185c5",
                          "0b7c5a52-19e4-4a0c-8d3e-7f5d1c2b3a49"};
const std::string kFolder =
    "users/3b0713b15570d61b9c23ce684a2185c5/0b7c5a52-19e4-4a0c-8d3e-7f5d1c2b3a49/";

TEST(UserHash, IsTheBeginningOfTheSha256OfTheEmail) {
  EXPECT_EQ(UserHash("someone@example.org"), "79a6123c2db3b110c92f2872d217545d");
  EXPECT_EQ(UserHash(kLocalUserEmail), "3b0713b15570d61b9c23ce684a2185c5");
  EXPECT_EQ(LegacyUserHash(kLocalUserEmail), "3b0713b15570");
}

TEST(UserHash, IsTheSameHoweverTheAddressIsWritten) {
  EXPECT_EQ(UserHash("Some.One@Example.ORG"), UserHash("some.one@example.org"));
  EXPECT_NE(UserHash("some.one@example.org"), UserHash("someone@example.org"));
}

TEST(Keys, AreAsDocumented) {
  EXPECT_EQ(UserFolder(kSession.user_hash), "users/3b0713b15570d61b9c23ce684a2185c5/");
  EXPECT_EQ(SessionFolder(kSession), kFolder);
  EXPECT_EQ(MetadataKey(kSession), kFolder + "metadata.json");
  EXPECT_EQ(ProcessingKey(kSession), kFolder + "processing.json");
  EXPECT_EQ(StatusKey(kSession), kFolder + "status.json");
  EXPECT_EQ(SecretKey(kSession), kFolder + "secret.json");
  EXPECT_EQ(OriginalKey(kSession, "pdf"), kFolder + "original.pdf");
  EXPECT_EQ(ResultKey(kSession, "alto.xml"), kFolder + "result.alto.xml");
  EXPECT_EQ(UnfinishedKey(kSession),
            "unfinished/3b0713b15570d61b9c23ce684a2185c5/0b7c5a52-19e4-4a0c-8d3e-7f5d1c2b3a49");
  EXPECT_EQ(ExpiredKey(kSession),
            "expired/3b0713b15570d61b9c23ce684a2185c5/0b7c5a52-19e4-4a0c-8d3e-7f5d1c2b3a49");
}

TEST(Keys, NoTwoFilesOfASessionShareAKey) {
  const std::set<std::string> keys = {MetadataKey(kSession),
                                      ProcessingKey(kSession),
                                      StatusKey(kSession),
                                      SecretKey(kSession),
                                      OriginalKey(kSession, "pdf"),
                                      ResultKey(kSession, "json"),
                                      ResultKey(kSession, "pdf"),
                                      PageKey(kSession, PageFile::kImage, 1, 2),
                                      PageKey(kSession, PageFile::kPreview, 1, 2),
                                      PageKey(kSession, PageFile::kText, 1, 2),
                                      PageKey(kSession, PageFile::kResult, 1, 2),
                                      PageKey(kSession, PageFile::kResult, 2, 2),
                                      UnfinishedKey(kSession),
                                      ExpiredKey(kSession)};
  EXPECT_EQ(keys.size(), 14u);
}

TEST(ParseSessionKey, TakesHashAndUuid) {
  const auto key = ParseSessionKey(kSession.user_hash, kSession.session_id);
  ASSERT_TRUE(key.ok());
  EXPECT_EQ(*key, kSession);
}

TEST(ParseSessionKey, RefusesEveryOtherHash) {
  for (const char* hash : {"", "3b0713b1557", "3b0713b155700", "3B0713B15570", "3b0713b1557g",
                           "../../../etc", "3b0713b1557/", "3b0713b1557\n"}) {
    const auto key = ParseSessionKey(hash, kSession.session_id);
    ASSERT_FALSE(key.ok()) << hash;
    EXPECT_EQ(key.code(), ErrorCode::kInvalidArgument);
  }
}

TEST(ParseSessionKey, RefusesEveryOtherId) {
  for (const char* id :
       {"", "..", "0b7c5a52", "0B7C5A52-19E4-4A0C-8D3E-7F5D1C2B3A49",
        "0b7c5a52-19e4-4a0c-8d3e-7f5d1c2b3a49/", "0b7c5a52/19e4-4a0c-8d3e-7f5d1c2b3a49",
        "../../../../../../../../../etc/shadow"}) {
    const auto key = ParseSessionKey(kSession.user_hash, id);
    ASSERT_FALSE(key.ok()) << id;
    EXPECT_EQ(key.code(), ErrorCode::kInvalidArgument);
  }
}

TEST(PageFileName, IsPaddedToTheWidthOfTheDocumentAndAtLeastThree) {
  EXPECT_EQ(PageFileName(PageFile::kImage, 7, 1), "page_007.png");
  EXPECT_EQ(PageFileName(PageFile::kPreview, 7, 999), "page_007_preview.jpg");
  EXPECT_EQ(PageFileName(PageFile::kText, 7, 1000), "page_0007_result.txt");
  EXPECT_EQ(PageFileName(PageFile::kResult, 12345, 12345), "page_12345_result.json");
}

TEST(PageFileName, SortsAsThePagesDo) {
  EXPECT_LT(PageFileName(PageFile::kImage, 9, 5000), PageFileName(PageFile::kImage, 10, 5000));
  EXPECT_LT(PageFileName(PageFile::kImage, 999, 5000), PageFileName(PageFile::kImage, 1000, 5000));
}

TEST(ParsePageResultName, IsTheInverseOfPageKey) {
  for (const int document_pages : {1, 99, 999, 1000, 5000, 100'000}) {
    for (const int page : {1, 2, 10, 99, 100, 999, 1000, 5000, 100'000}) {
      if (page > document_pages) continue;
      const std::string key = PageKey(kSession, PageFile::kResult, page, document_pages);
      EXPECT_EQ(ParsePageResultName(key), page) << key;
      EXPECT_EQ(ParsePageResultName(key.substr(kFolder.size())), page) << key;
    }
  }
}

TEST(ParsePageResultName, GivesNothingForOtherNames) {
  for (const char* name :
       {"", "page_007.png", "page_007_preview.jpg", "page_007_result.txt", "page_07_result.json",
        "page__result.json", "page_result.json", "page_000_result.json", "page_-01_result.json",
        "page_+01_result.json", "page_0x1_result.json", "page_ 01_result.json",
        "page_007_result.json.bak", "xpage_007_result.json", ".tmp-page_007_result.json",
        "page_007_result.json/", "page_9999999999_result.json", "result.json"}) {
    EXPECT_EQ(ParsePageResultName(name), std::nullopt) << name;
  }
}

TEST(ParseUnfinishedKey, IsTheInverseOfUnfinishedKey) {
  EXPECT_EQ(ParseUnfinishedKey(UnfinishedKey(kSession)), kSession);
}

TEST(ParseDeletedKey, IsTheInverseOfDeletedKey) {
  EXPECT_EQ(ParseDeletedKey(DeletedKey(kSession)), kSession);
  EXPECT_EQ(ParseDeletedKey(UnfinishedKey(kSession)), std::nullopt);
}

TEST(ParseSessionKey, KnowsTheFoldersOfTheFirstVersions) {
  const SessionKey legacy{"3b0713b15570", kSession.session_id};
  EXPECT_EQ(*ParseSessionKey(legacy.user_hash, legacy.session_id), legacy);
  EXPECT_EQ(ParseUnfinishedKey(UnfinishedKey(legacy)), legacy);
  EXPECT_EQ(ParseSessionFolder(MetadataKey(legacy)), legacy);
}

TEST(ParseUnfinishedKey, GivesNothingForOtherKeys) {
  const std::string key = UnfinishedKey(kSession);
  for (const std::string& other :
       {std::string(), std::string("unfinished/"), key + "/", key + "x",
        key.substr(0, key.size() - 1), key.substr(1), ExpiredKey(kSession), kFolder}) {
    EXPECT_EQ(ParseUnfinishedKey(other), std::nullopt) << other;
  }
}

TEST(ParseUploadFolder, IsTheInverseOfUploadFolder) {
  const auto upload = ParseUploadKey(kSession.user_hash, kSession.session_id);
  ASSERT_TRUE(upload.ok());
  const std::string folder = UploadFolder(*upload);
  EXPECT_EQ(ParseUploadFolder(folder), *upload);
  EXPECT_EQ(UploadRecordKey(*upload), folder + "upload.json");
  EXPECT_EQ(UploadDataKey(*upload), folder + "data");
  EXPECT_EQ(folder.find(UserUploadsFolder(kSession.user_hash)), 0u);
  for (const std::string& other : {std::string(), std::string("uploads/"), UploadDataKey(*upload),
                                   folder + "/", folder.substr(0, folder.size() - 1), kFolder}) {
    EXPECT_EQ(ParseUploadFolder(other), std::nullopt) << other;
  }
  EXPECT_FALSE(ParseUploadKey("..", kSession.session_id).ok());
  EXPECT_FALSE(ParseUploadKey(kSession.user_hash, "..").ok());
}

TEST(ParseSessionFolder, FindsTheSessionOfEveryKeyInIt) {
  EXPECT_EQ(ParseSessionFolder(kFolder), kSession);
  EXPECT_EQ(ParseSessionFolder(MetadataKey(kSession)), kSession);
  EXPECT_EQ(ParseSessionFolder(PageKey(kSession, PageFile::kImage, 3, 5)), kSession);
}

TEST(ParseSessionFolder, GivesNothingForOtherKeys) {
  for (const std::string& other :
       {std::string(), std::string("users/"), UserFolder(kSession.user_hash),
        kFolder.substr(0, kFolder.size() - 1), UnfinishedKey(kSession), "/" + kFolder,
        std::string("users/3b0713b15570d61b9c23ce684a2185c5/not-a-session/metadata.json")}) {
    EXPECT_EQ(ParseSessionFolder(other), std::nullopt) << other;
  }
}

}  // namespace
}  // namespace gnosis
