#include "app/output_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "api/fold_case.h"

namespace gnosis {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> Names(const std::vector<DocumentPlace>& documents,
                               const std::vector<std::string>& endings = {"txt", "json"}) {
  std::vector<std::string> names;
  for (const auto& name : NameOutputs(documents, endings)) names.push_back(name.string());
  return names;
}

TEST(OutputNames, AreStemsWhereThoseAreTheOnlyOnes) {
  EXPECT_THAT(Names({{"/in/a/scan.pdf", ""}, {"/in/b/letter.png", ""}}),
              ElementsAre("scan", "letter"));
}

TEST(OutputNames, OfOneStemInSeveralFoldersKeepTheFoldersFromWhereTheyPart) {
  EXPECT_THAT(Names({{"/in/a/scan.pdf", ""}, {"/in/b/scan.pdf", ""}, {"/in/c/2024/scan.pdf", ""}}),
              ElementsAre("a/scan", "b/scan", "c/2024/scan"));
  EXPECT_THAT(Names({{"/in/scan.pdf", ""}, {"/in/a/scan.pdf", ""}}), ElementsAre("scan", "a/scan"));
}

TEST(OutputNames, OfOneStemInOneFolderKeepTheirWholeFileNames) {
  EXPECT_THAT(Names({{"/in/scan.pdf", ""}, {"/in/scan.png", ""}}),
              ElementsAre("scan.pdf", "scan.png"));
  EXPECT_THAT(Names({{"/in/a/scan.pdf", ""}, {"/in/a/scan.png", ""}, {"/in/b/scan.pdf", ""}}),
              ElementsAre("a/scan.pdf", "a/scan.png", "b/scan"));
}

TEST(OutputNames, StayInTheFoldersThatWereWalked) {
  EXPECT_THAT(Names({{"/in/2024/a.pdf", "2024"}, {"/in/2024/a.png", "2024"}, {"/in/b.pdf", ""}}),
              ElementsAre("2024/a.pdf", "2024/a.png", "b"));
  EXPECT_THAT(Names({{"/x/2024/a.pdf", "2024"}, {"/y/2024/a.pdf", "2024"}}),
              ElementsAre("x/2024/a", "y/2024/a"));
}

TEST(OutputNames, DifferEvenWhereTheFileSystemDoesNotTellCases) {
  EXPECT_THAT(Names({{"/in/scan.pdf", ""}, {"/in/SCAN.pdf", ""}, {"/in/Scan.png", ""}}),
              ElementsAre("scan.pdf~2", "SCAN.pdf", "Scan.png"));
  EXPECT_THAT(Names({{"/in/a/\xC3\x84rger.pdf", ""}, {"/in/b/\xC3\xA4rger.pdf", ""}}),
              ElementsAre("a/\xC3\x84rger", "b/\xC3\xA4rger"));
}

TEST(OutputNames, OfStemsThatContainAnEndingDiffer) {
  EXPECT_THAT(Names({{"/in/scan.pdf", ""}, {"/in/scan.txt.pdf", ""}, {"/in/scan.txt", ""}}),
              ElementsAre("scan.pdf", "scan.txt", "scan.txt~2"));
  // scan.alto + xml and scan + alto.xml give the same name.
  EXPECT_THAT(Names({{"/in/scan.pdf", ""}, {"/in/scan.alto.pdf", ""}}, {"xml", "alto.xml"}),
              ElementsAre("scan~2", "scan.alto"));
}

TEST(OutputNames, AreNeverThoseOfFolders) {
  EXPECT_THAT(Names({{"/in/a.pdf", ""}, {"/in/a.txt/b.pdf", "a.txt"}}),
              ElementsAre("a~2", "a.txt/b"));
}

TEST(OutputNames, ThatNobodyElseWantsAreNotGivenAwayByNumbering) {
  EXPECT_THAT(Names({{"/in/SCAN.pdf", ""}, {"/in/scan.pdf", ""}, {"/in/scan.pdf~2.png", ""}}),
              ElementsAre("SCAN.pdf", "scan.pdf~3", "scan.pdf~2"));
}

TEST(OutputNames, DoNotDependOnTheOrderAndAreAllDifferent) {
  std::vector<DocumentPlace> documents;
  for (const char* folder : {"/in", "/in/a", "/in/A", "/in/a/b", "/other"}) {
    for (const char* name : {"scan.pdf", "Scan.pdf", "scan.txt.pdf", "scan", "scan~2.pdf",
                             "scan.json", "a.pdf", "b.pdf", "a.txt.pdf"}) {
      documents.push_back({std::filesystem::path(folder) / name, ""});
    }
  }
  std::sort(documents.begin(), documents.end(),
            [](const auto& a, const auto& b) { return a.file < b.file; });
  const std::vector<std::string> forwards = Names(documents);
  std::set<std::string> targets;
  for (const std::string& name : forwards) {
    EXPECT_TRUE(targets.insert(FoldCase(name + ".txt")).second) << name;
    EXPECT_TRUE(targets.insert(FoldCase(name + ".json")).second) << name;
  }
  std::reverse(documents.begin(), documents.end());
  std::vector<std::string> backwards = Names(documents);
  std::reverse(backwards.begin(), backwards.end());
  EXPECT_EQ(forwards, backwards);
}

}  // namespace
}  // namespace gnosis
