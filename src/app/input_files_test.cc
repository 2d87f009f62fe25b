#include "app/input_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

namespace gnosis {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Path = std::filesystem::path;

class InputFilesTest : public ::testing::Test {
 protected:
  Path Make(const std::string& name) {
    const Path path = folder_.path() / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << "bytes";
    return path;
  }
  InputFiles Walk() { return FindInputFiles({folder_.path()}, Folders::kWalk, not_into_); }
  static std::vector<std::string> NamesOf(const InputFiles& found) {
    std::vector<std::string> names;
    for (const InputFile& file : found.files) {
      names.push_back((file.folder / file.path.filename()).string());
    }
    return names;
  }

  TemporaryFolder folder_;
  std::vector<Path> not_into_;
};

TEST_F(InputFilesTest, ComeInTheOrderInWhichTheyWereNamed) {
  const auto found =
      FindInputFiles({Make("b.pdf"), Make("a.pdf"), Make("notes")}, Folders::kRefuse, {});
  EXPECT_THAT(NamesOf(found), ElementsAre("b.pdf", "a.pdf", "notes"));
  EXPECT_THAT(found.mentions, ElementsAre(0, 1, 2));
  EXPECT_THAT(found.unreadable, IsEmpty());
}

TEST_F(InputFilesTest, OneThatIsNamedTwiceIsOneFile) {
  const Path a = Make("x/a.pdf");
  const Path b = Make("b.pdf");
  std::filesystem::create_directory_symlink(a.parent_path(), folder_.path() / "y");
  const auto found = FindInputFiles(
      {a, b, folder_.path() / "x/../x/./a.pdf", folder_.path() / "y/a.pdf"}, Folders::kRefuse, {});
  EXPECT_THAT(NamesOf(found), ElementsAre("a.pdf", "b.pdf"));
  EXPECT_THAT(found.mentions, ElementsAre(0, 1, 0, 0));
}

TEST_F(InputFilesTest, ABadArgumentCostsOnlyItself) {
  const Path good = Make("a.pdf");
  const Path pipe = folder_.path() / "pipe.pdf";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  const auto found = FindInputFiles({folder_.path(), folder_.path() / "absent.pdf", pipe, good},
                                    Folders::kRefuse, {});
  EXPECT_THAT(NamesOf(found), ElementsAre("a.pdf"));
  ASSERT_EQ(found.unreadable.size(), 3u);
  EXPECT_THAT(found.unreadable[0].hint, HasSubstr("--recursive"));
  EXPECT_EQ(found.unreadable[1].code, ErrorCode::kNotFound);
  EXPECT_THAT(found.unreadable[2].message, HasSubstr("not a regular file"));
}

TEST_F(InputFilesTest, OfAFolderAreItsDocumentsSorted) {
  for (const char* name : {"c/z.PDF", "c/a.tiff", "b.webp", "notes.txt", ".hidden.pdf",
                           ".git/x.pdf", "d.jpeg", "c/d/e/f.png"}) {
    Make(name);
  }
  EXPECT_THAT(NamesOf(Walk()),
              ElementsAre("b.webp", "c/a.tiff", "c/d/e/f.png", "c/z.PDF", "d.jpeg"));
}

TEST_F(InputFilesTest, OfOurOwnFoldersAreNoInput) {
  Make("a.pdf");
  Make("out/b.pdf");
  Make("data/cli/original.pdf");
  not_into_ = {folder_.path() / "c/../out", folder_.path() / "data"};
  std::filesystem::create_directory(folder_.path() / "c");
  EXPECT_THAT(NamesOf(Walk()), ElementsAre("a.pdf"));
}

TEST_F(InputFilesTest, LinksThatGoInCirclesHaveAnEnd) {
  Make("a/b.pdf");
  std::filesystem::create_directory_symlink("..", folder_.path() / "a/up");
  std::filesystem::create_symlink("self.pdf", folder_.path() / "self.pdf");
  std::filesystem::create_symlink("a/b.pdf", folder_.path() / "c.pdf");
  const auto found = Walk();
  EXPECT_THAT(NamesOf(found), ElementsAre("a/b.pdf", "c.pdf", "self.pdf"));
  EXPECT_FALSE(OpenInput(folder_.path() / "self.pdf").ok());
}

TEST_F(InputFilesTest, AFolderWithoutDocumentsIsReported) {
  Make("notes.txt");
  const auto found = Walk();
  EXPECT_THAT(found.files, IsEmpty());
  ASSERT_EQ(found.unreadable.size(), 1u);
  EXPECT_THAT(found.unreadable[0].message, HasSubstr("no document"));
}

}  // namespace
}  // namespace gnosis
