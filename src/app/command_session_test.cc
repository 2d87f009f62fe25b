// `resume`, `verify` and `status` of sessions that were begun and possibly finished.
#include <gmock/gmock.h>

#include "app/commands.h"
#include "app/folder_lock.h"
#include "support/home_fixture.h"
#include "support/printed.h"

namespace gnosis {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class CommandSessionTest : public HomeTest {
 protected:
  // Begun by a process that then died.
  SessionKey Begin(const std::string& document = "%PDF-1.7 pages=3") {
    return Admit(*home_, document);
  }
  Printed Resume(const Path& folder) {
    return Capture([&] { return RunResume(settings_, folder, Maker()); });
  }
  Printed Verify(const Path& folder) {
    return Capture([&] { return RunVerify(folder); });
  }
};

TEST_F(CommandSessionTest, ResumeReadsWhatIsMissing) {
  const Path folder = FolderOf(Begin());
  const Printed printed = Resume(folder);
  EXPECT_EQ(printed.code, ExitCode::kOk);
  EXPECT_EQ(printed.out, "");
  EXPECT_THAT(printed.err, HasSubstr("gnosis-ocr: " + folder.string() + ": "));
  EXPECT_THAT(log_.Take(), ElementsAre(1, 2, 3));
  EXPECT_EQ(Read(folder / "result.txt"), "words of page 1\n\fwords of page 2\n\fwords of page 3\n");
}

TEST_F(CommandSessionTest, ResumeOfWhatIsFinishedReadsNothing) {
  const Path folder = FolderOf(Begin());
  ASSERT_EQ(Resume(folder).code, ExitCode::kOk);
  log_.Take();
  EXPECT_EQ(Resume(folder / "").code, ExitCode::kOk);
  EXPECT_THAT(log_.Take(), IsEmpty());
}

TEST_F(CommandSessionTest, ResumeSaysThatPagesFailed) {
  EXPECT_EQ(Resume(FolderOf(Begin("%PDF-1.7 pages=2 bad=1"))).code, ExitCode::kSomePagesFailed);
}

TEST_F(CommandSessionTest, ResumeGoesOnWithACopyWithoutItsMarker) {
  const SessionKey session = Begin();
  const Path there = folder_.path() / "elsewhere" / SessionFolder(session);
  std::filesystem::create_directories(there.parent_path());
  std::filesystem::copy(FolderOf(session), there.parent_path());
  EXPECT_EQ(Resume(there).code, ExitCode::kOk);
  EXPECT_THAT(Read(there / "result.txt"), HasSubstr("page 3"));
}

TEST_F(CommandSessionTest, ResumeLeavesAloneWhatOthersAreAtWorkOn) {
  const Path folder = FolderOf(Begin());
  {
    const auto other = FolderLock::Try(folder / "original.pdf", LockKind::kAlone);
    const Printed printed = Resume(folder);
    EXPECT_EQ(printed.code, ExitCode::kEnvironment);
    EXPECT_THAT(printed.err, HasSubstr("another gnosis-ocr is working on it"));
  }
  const auto service = FolderLock::Try(home_->root(), LockKind::kAlone);
  EXPECT_THAT(Resume(folder).err, HasSubstr("a service is running on"));
  EXPECT_THAT(log_.Take(), IsEmpty());
}

// It used to create the folders above, only to find nothing in them.
TEST_F(CommandSessionTest, ResumeOfWhatIsNotThereMakesNothing) {
  const Path root = folder_.path() / "absent";
  const Printed printed = Resume(root / SessionFolder(Begin()));
  EXPECT_EQ(printed.code, ExitCode::kInputUnreadable);
  EXPECT_THAT(printed.err, HasSubstr("does not exist"));
  EXPECT_FALSE(std::filesystem::exists(root));
}

TEST_F(CommandSessionTest, ResumeOfWhatIsDamagedIsRefused) {
  const SessionKey session = Begin();
  Overwrite(FolderOf(session) / "metadata.json", "{");
  EXPECT_EQ(Resume(FolderOf(session)).code, ExitCode::kInputUnreadable);
  std::filesystem::remove(FolderOf(session) / "metadata.json");
  EXPECT_EQ(Resume(FolderOf(session)).code, ExitCode::kInputUnreadable);
}

TEST_F(CommandSessionTest, VerifyFindsAHealthySessionHealthy) {
  const Path folder = FolderOf(Begin());
  ASSERT_EQ(Resume(folder).code, ExitCode::kOk);
  const Printed printed = Verify(folder);
  EXPECT_EQ(printed.code, ExitCode::kOk);
  EXPECT_EQ(printed.out, "3 pages: 3 done, 0 failed, 0 pending; 0 problems\n");
}

TEST_F(CommandSessionTest, VerifyFindsWhatIsDamagedOrMissing) {
  const Path folder = FolderOf(Begin());
  ASSERT_EQ(Resume(folder).code, ExitCode::kOk);
  Overwrite(folder / "page_002.png", "another image");
  std::filesystem::remove(folder / "page_003_result.txt");
  std::filesystem::remove(folder / "result.txt");
  Overwrite(folder / "original.pdf", "%PDF-1.7 pages=4");
  const Printed printed = Verify(folder);
  EXPECT_EQ(printed.code, ExitCode::kInputUnreadable);
  for (const char* problem :
       {"problem: original.pdf: is not the uploaded document",
        "problem: page_002.png: does not match",
        "problem: page_003_result.txt: ", "problem: result.txt: ", "; 4 problems\n"}) {
    EXPECT_THAT(printed.out, HasSubstr(problem));
  }
}

TEST_F(CommandSessionTest, VerifyOfWhatIsNotThereMakesNothing) {
  const Path root = folder_.path() / "absent";
  const Printed printed = Verify(root / SessionFolder(Begin()));
  EXPECT_EQ(printed.code, ExitCode::kInputUnreadable);
  EXPECT_THAT(printed.err, HasSubstr("absent/users/"));
  EXPECT_FALSE(std::filesystem::exists(root));
}

TEST_F(CommandSessionTest, StatusOfWhatIsDamagedNamesIt) {
  const Path folder = FolderOf(Begin());
  Overwrite(folder / "metadata.json", "{");
  const Printed printed = Capture([&] { return RunStatus(settings_, folder.string()); });
  EXPECT_EQ(printed.code, ExitCode::kInputUnreadable);
  EXPECT_THAT(printed.err, HasSubstr(folder.string() + ": metadata.json"));
}

}  // namespace
}  // namespace gnosis
