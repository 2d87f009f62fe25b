// `ocr` from its arguments to results and exit codes; only the page reader is a fake.
#include "app/command_ocr.h"

#include <gmock/gmock.h>

#include "support/home_fixture.h"
#include "support/printed.h"

namespace gnosis {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class CommandOcrTest : public HomeTest {
 protected:
  CommandOcrTest() {
    arguments_.options.formats = {"txt"};
    out_ = folder_.path() / "out";
    arguments_.output_folder = out_;
  }

  Printed Ocr(const std::vector<Path>& files) {
    arguments_.files = files;
    home_.reset();  // the run acts as a separate process
    const Printed printed = Capture([&] { return RunOcr(settings_, arguments_, Maker()); });
    StartHome();
    return printed;
  }

  OcrArguments arguments_;
  Path out_;
};

const std::string kThreePages = "words of page 1\n\fwords of page 2\n\fwords of page 3\n";

TEST_F(CommandOcrTest, WritesResultsAndKeepsNoSession) {
  const Printed printed = Ocr({PutDocument("a.pdf"), PutDocument("b.pdf")});
  EXPECT_EQ(printed.code, ExitCode::kOk);
  EXPECT_EQ(printed.out + printed.err, "");
  EXPECT_EQ(Read(out_ / "a.txt"), kThreePages);
  EXPECT_EQ(Read(out_ / "b.txt"), kThreePages);
  EXPECT_THAT(Sessions(), IsEmpty());
}

TEST_F(CommandOcrTest, PrintsTextInTheOrderOfTheFiles) {
  arguments_.output_folder.reset();
  const Path one = PutDocument("one.pdf", "%PDF-1.7 pages=1");
  const Path three = PutDocument("three.pdf");
  const Printed printed = Ocr({one, three, one});
  EXPECT_EQ(printed.code, ExitCode::kOk) << printed.err;
  EXPECT_EQ(printed.out, "words of page 1\n\f" + kThreePages + "\fwords of page 1\n");
  EXPECT_THAT(log_.Take(), ElementsAre(1, 1, 2, 3));
  EXPECT_THAT(Sessions(), IsEmpty());
}

TEST_F(CommandOcrTest, DoesNotReadAgainWhatIsThere) {
  const Path letter = PutDocument("letter.pdf");
  ASSERT_EQ(Ocr({letter}).code, ExitCode::kOk);
  log_.Take();
  const Printed again = Ocr({letter});
  EXPECT_EQ(again.code, ExitCode::kOk);
  EXPECT_THAT(again.err, HasSubstr("its results are already in"));
  EXPECT_THAT(log_.Take(), IsEmpty());
  arguments_.earlier_run = OcrArguments::EarlierRun::kForget;
  EXPECT_EQ(Ocr({letter}).err, "");
  EXPECT_THAT(log_.Take(), ElementsAre(1, 2, 3));
}

TEST_F(CommandOcrTest, TriesFailedPagesAgain) {
  const Path letter = PutDocument("letter.pdf");
  log_.before_read = [](int page) -> Status {
    if (page != 2) return Ok();
    return Error{ErrorCode::kDamaged, "the page is torn", ""};
  };
  const Printed first = Ocr({letter});
  EXPECT_EQ(first.code, ExitCode::kSomePagesFailed);
  EXPECT_THAT(first.err, HasSubstr("letter.pdf: page 2 could not be read: damaged: the page"));
  EXPECT_THAT(Sessions(), SizeIs(1));
  log_.before_read = [](int) { return Ok(); };
  log_.Take();
  EXPECT_EQ(Ocr({letter}).code, ExitCode::kOk);
  EXPECT_THAT(log_.Take(), ElementsAre(2));
  EXPECT_EQ(Read(out_ / "letter.txt"), kThreePages);
  EXPECT_THAT(Sessions(), IsEmpty());
}

TEST_F(CommandOcrTest, KeepsTheSessionWhenToldTo) {
  arguments_.session = OcrArguments::Session::kKeep;
  const Path letter = PutDocument("letter.pdf");
  EXPECT_EQ(Ocr({letter}).code, ExitCode::kOk);
  EXPECT_THAT(Sessions(), SizeIs(1));
}

TEST_F(CommandOcrTest, LeavesFilesOfOthersAlone) {
  const Path letter = PutDocument("letter.pdf");
  PutDocument("out/letter.txt", "mine");
  const Printed refused = Ocr({letter, PutDocument("note.pdf")});
  EXPECT_EQ(refused.code, ExitCode::kEnvironment);
  EXPECT_THAT(refused.err, HasSubstr("letter.txt"));
  EXPECT_EQ(Read(out_ / "letter.txt"), "mine");
  EXPECT_EQ(Read(out_ / "note.txt"), kThreePages);
  EXPECT_THAT(log_.Take(), ElementsAre(1, 2, 3));
  arguments_.existing = OutputFolder::Existing::kOverwrite;
  EXPECT_EQ(Ocr({letter}).code, ExitCode::kOk);
  EXPECT_EQ(Read(out_ / "letter.txt"), kThreePages);
}

// A file that another program puts in the way while pages are processed is kept, and so are the
// pages.
TEST_F(CommandOcrTest, DeliversLaterWhatIsInTheWayNow) {
  const Path letter = PutDocument("letter.pdf");
  log_.before_read = [&](int) -> Status {
    PutDocument("out/letter.txt", "mine");
    return Ok();
  };
  const Printed refused = Ocr({letter});
  EXPECT_EQ(refused.code, ExitCode::kEnvironment);
  EXPECT_THAT(refused.err, HasSubstr("the finished pages are kept"));
  EXPECT_EQ(Read(out_ / "letter.txt"), "mine");
  std::filesystem::remove(out_ / "letter.txt");
  log_.before_read = [](int) { return Ok(); };
  log_.Take();
  EXPECT_EQ(Ocr({letter}).code, ExitCode::kOk);
  EXPECT_THAT(log_.Take(), IsEmpty());
  EXPECT_EQ(Read(out_ / "letter.txt"), kThreePages);
}

TEST_F(CommandOcrTest, ReadsTheOthersWhenOneCannotBeRead) {
  const Printed printed = Ocr({PutDocument("torn.pdf", "%PDF-1.7 torn"), PutDocument("good.pdf"),
                               folder_.path() / "absent.pdf", folder_.path()});
  EXPECT_EQ(printed.code, ExitCode::kInputUnreadable);
  EXPECT_THAT(printed.err, HasSubstr("torn.pdf: the document has no page tree"));
  EXPECT_THAT(printed.err, HasSubstr("absent.pdf"));
  EXPECT_THAT(printed.err, HasSubstr("use --recursive"));
  EXPECT_EQ(Read(out_ / "good.txt"), kThreePages);
  EXPECT_THAT(Sessions(), IsEmpty());
}

TEST_F(CommandOcrTest, EndsAtOnceInABrokenWorld) {
  log_.before_read = [](int) -> Status { return Error{ErrorCode::kDiskFull, "it is full", ""}; };
  const Printed printed = Ocr({PutDocument("a.pdf"), PutDocument("b.pdf")});
  EXPECT_EQ(printed.code, ExitCode::kEnvironment);
  EXPECT_THAT(printed.err, HasSubstr("it is full"));
  EXPECT_EQ(printed.err.find("b.pdf"), std::string::npos) << printed.err;
  log_.before_read = [](int) { return Ok(); };
  EXPECT_EQ(Ocr({folder_.path() / "a.pdf", folder_.path() / "b.pdf"}).code, ExitCode::kOk);
  EXPECT_EQ(Read(out_ / "b.txt"), kThreePages);
}

TEST_F(CommandOcrTest, ChecksItsOptionsBeforeAnythingElse) {
  const Path letter = PutDocument("letter.pdf");
  arguments_.options.reading.languages = {"xyz"};
  EXPECT_EQ(Ocr({letter}).code, ExitCode::kMissingLanguage);
  arguments_.options.reading.languages = {"eng"};
  arguments_.options.formats = {"docx"};
  EXPECT_EQ(Ocr({letter}).code, ExitCode::kUsage);
  arguments_.options.formats = {"json"};
  arguments_.output_folder.reset();
  const Printed nowhere = Ocr({letter});
  EXPECT_EQ(nowhere.code, ExitCode::kUsage);
  EXPECT_THAT(nowhere.err, HasSubstr("give one with -o"));
  EXPECT_FALSE(std::filesystem::exists(out_));
  EXPECT_THAT(log_.Take(), IsEmpty());
}

TEST_F(CommandOcrTest, WalksFoldersWhenToldTo) {
  PutDocument("scans/2024/a.pdf");
  PutDocument("scans/b.pdf");
  arguments_.folders = Folders::kWalk;
  EXPECT_EQ(Ocr({folder_.path() / "scans"}).code, ExitCode::kOk);
  EXPECT_EQ(Read(out_ / "2024" / "a.txt"), kThreePages);
  EXPECT_EQ(Read(out_ / "b.txt"), kThreePages);
}

TEST_F(CommandOcrTest, WritesOnlyThePagesAskedFor) {
  arguments_.options.pages = {{2, 2}};
  EXPECT_EQ(Ocr({PutDocument("letter.pdf")}).code, ExitCode::kOk);
  EXPECT_EQ(Read(out_ / "letter.txt"), "words of page 2\n");
  EXPECT_THAT(log_.Take(), ElementsAre(2));
}

TEST_F(CommandOcrTest, ReadsManySmallDocumentsInOneRun) {
  constexpr int kMany = 18;  // more than are opened ahead
  std::vector<Path> files;
  for (int i = 0; i < kMany; ++i) {
    files.push_back(PutDocument("many/" + std::to_string(i) + ".pdf", "%PDF-1.7 pages=1"));
  }
  EXPECT_EQ(Ocr(files).code, ExitCode::kOk);
  for (int i = 0; i < kMany; ++i) {
    EXPECT_EQ(Read(out_ / (std::to_string(i) + ".txt")), "words of page 1\n");
  }
  EXPECT_THAT(log_.Take(), SizeIs(kMany));
}

}  // namespace
}  // namespace gnosis
