#include "languages/languages.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "base/file.h"

namespace gnosis {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class LanguagesTest : public ::testing::Test {
 protected:
  std::filesystem::path Folder(const std::string& name) {
    std::filesystem::create_directories(temporary_.path() / name / "script");
    return temporary_.path() / name;
  }
  static void Install(const std::filesystem::path& folder, const std::string& language) {
    std::ofstream(folder / (language + ".traineddata")) << "model";
  }

 private:
  TemporaryFolder temporary_;
};

TEST_F(LanguagesTest, ListsModelsOfAllFoldersOnceWithoutOsd) {
  const auto one = Folder("one");
  const auto two = Folder("two");
  Install(one, "eng");
  Install(one, "osd");
  Install(two, "eng");
  Install(two, "deu");
  Install(two / "script", "Latin");
  std::ofstream(two / "README") << "not a model";
  EXPECT_THAT(InstalledLanguages({{one, two}}), ElementsAre("deu", "eng", "script/Latin"));
}

TEST_F(LanguagesTest, MissingFoldersAreEmpty) {
  EXPECT_THAT(InstalledLanguages({{"/no/such/folder"}}), IsEmpty());
}

TEST_F(LanguagesTest, TakesTheFirstFolderThatHasThemAll) {
  const auto one = Folder("one");
  const auto two = Folder("two");
  Install(one, "eng");
  Install(two, "eng");
  Install(two, "deu");
  EXPECT_EQ(*FolderWithLanguages({{one, two}}, {"eng"}), one);
  EXPECT_EQ(*FolderWithLanguages({{one, two}}, {"eng", "deu"}), two);
}

TEST_F(LanguagesTest, AMissingLanguageIsNamedWithThoseThatAreThere) {
  const auto one = Folder("one");
  Install(one, "eng");
  const auto folder = FolderWithLanguages({{one}}, {"eng", "tlh"});
  ASSERT_FALSE(folder.ok());
  EXPECT_EQ(folder.code(), ErrorCode::kMissingLanguage);
  EXPECT_THAT(folder.error().message, HasSubstr("tlh is not installed; installed: eng"));
  EXPECT_THAT(folder.error().hint, HasSubstr("tesseract-ocr-tlh"));
}

TEST_F(LanguagesTest, LanguagesInDifferentFoldersAreNotCalledMissing) {
  const auto one = Folder("one");
  const auto two = Folder("two");
  Install(one, "eng");
  Install(two, "deu");
  const auto folder = FolderWithLanguages({{one, two}}, {"eng", "deu"});
  ASSERT_FALSE(folder.ok());
  EXPECT_THAT(folder.error().message, HasSubstr("different folders"));
}

TEST_F(LanguagesTest, TheModelCacheComesFirst) {
  const auto cache = Folder("cache");
  EXPECT_EQ(FindModelFolders(cache.string()).folders.at(0), cache);
}

TEST(ModelFolders, AreToldToAChildAsOneText) {
  const ModelFolders folders{{"/usr/share/tessdata", "/srv/models"}};
  EXPECT_EQ(JoinModelFolders(folders), "/usr/share/tessdata:/srv/models");
  EXPECT_EQ(SplitModelFolders(JoinModelFolders(folders)).folders, folders.folders);
  EXPECT_TRUE(SplitModelFolders("").folders.empty());
}

}  // namespace
}  // namespace gnosis
