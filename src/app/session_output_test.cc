// Delivering the sessions of a run to the user: following, printing, opening ahead, writing.
#include <fcntl.h>
#include <gmock/gmock.h>

#include "app/delivery.h"
#include "app/files_ahead.h"
#include "app/follow_session.h"
#include "app/text_printer.h"
#include "support/home_fixture.h"

namespace gnosis {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;
using Earlier = SessionOpener::Earlier;
using Decision = SessionOpener::Decision;

Error BrokenWorld(ErrorCode code) { return {code, "no such luck", ""}; }

BatchReport ReportOf(ErrorCode code) {
  BatchReport report;
  report.error = BrokenWorld(code);
  return report;
}

TEST(Interruptions, EndWithABrokenWorldButNotWithWhatMayPass) {
  for (const ErrorCode code :
       {ErrorCode::kUnavailable, ErrorCode::kChildDied, ErrorCode::kDamaged}) {
    Interruptions interruptions;
    interruptions.NoteBatch(ReportOf(code));
    EXPECT_FALSE(interruptions.error());
  }
  for (const ErrorCode code : {ErrorCode::kDiskFull, ErrorCode::kPermission, ErrorCode::kIo}) {
    Interruptions interruptions;
    interruptions.NoteBatch(ReportOf(code));
    EXPECT_EQ(interruptions.Wait()->code, code);
  }
}

TEST(Interruptions, RememberTheFirstTroubleButObeyCtrlC) {
  Interruptions interruptions;
  interruptions.NoteBatch(ReportOf(ErrorCode::kDiskFull));
  interruptions.NoteBatch(ReportOf(ErrorCode::kIo));
  EXPECT_EQ(interruptions.error()->code, ErrorCode::kDiskFull);
  interruptions.Interrupt();
  EXPECT_EQ(interruptions.Wait()->code, ErrorCode::kInterrupted);
  interruptions.NoteBatch(ReportOf(ErrorCode::kIo));
  EXPECT_EQ(interruptions.error()->code, ErrorCode::kInterrupted);
}

TEST(Interruptions, WakeWithoutAnError) {
  Interruptions interruptions;
  interruptions.Wake();
  EXPECT_FALSE(interruptions.Wait());
}

class SessionOutputTest : public HomeTest {
 protected:
  SessionOutputTest() {
    arguments_.output_folder = folder_.path() / "out";
    arguments_.options.formats = {"txt"};
  }

  HeldSession Open(const Path& file) {
    auto opened = SessionOpener(*home_, arguments_)
                      .Open(
                          file, [](const std::string&, Earlier) { return Decision::kRead; },
                          [] { return Ok(); });
    EXPECT_TRUE(opened.ok()) << opened.error().message;
    return **std::move(opened);
  }
  std::vector<InputFile> Inputs(const std::vector<Path>& files) {
    return FindInputFiles(files, Folders::kRefuse, {}).files;
  }
  // `count` documents of one page.
  std::vector<Path> Singles(int count) {
    std::vector<Path> files;
    for (int i = 0; i < count; ++i) {
      files.push_back(PutDocument(fmt::format("{:02}.pdf", i), "%PDF-1.7 pages=1"));
    }
    return files;
  }

  OcrArguments arguments_;
};

TEST_F(SessionOutputTest, FollowingTellsOfEveryChangeAndTheEnd) {
  const HeldSession held = Open(PutDocument("letter.pdf"));
  home_->StartWorkers([](const Task&, const BatchReport&) {},
                      ChildOptions::Models::kLoadedWhenNeeded);
  Interruptions interruptions;
  JobStatus last;
  const auto status = FollowSession(*home_, held.key, interruptions, [&](const JobStatus& now) {
    EXPECT_LE(last.pages.completed, now.pages.completed);
    last = now;
    return Ok();
  });
  ASSERT_TRUE(status.ok());
  EXPECT_EQ(status->state, SessionState::kCompleted);
  EXPECT_EQ(last.pages.completed, 3);
}

TEST_F(SessionOutputTest, FollowingEndsWithAnInterruptionOrAnErrorOfItsListener) {
  const HeldSession held = Open(PutDocument("letter.pdf"));  // nobody processes it
  Interruptions interruptions;
  EXPECT_EQ(FollowSession(*home_, held.key, interruptions,
                          [](const JobStatus&) -> Status { return BrokenWorld(ErrorCode::kGone); })
                .code(),
            ErrorCode::kGone);
  EXPECT_EQ(FollowSession(*home_, held.key, interruptions,
                          [&](const JobStatus&) {
                            interruptions.Interrupt();
                            return Ok();
                          })
                .code(),
            ErrorCode::kInterrupted);
}

class TextPrinterTest : public SessionOutputTest {
 protected:
  std::string Printed() { return SessionOutputTest::Read(path_); }
  TextPrinter PrinterOf(const SessionKey& session, TextPrinter::Position position) {
    return TextPrinter(*home_, output_, session, position);
  }

  const Path path_ = folder_.path() / "printed";
  const FileDescriptor file_{::open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600)};
  StandardOutput output_{file_.get(), [] { return Ok(); }};
};

TEST_F(TextPrinterTest, PrintsEachPageOnceAndFormFeedsBetween) {
  const HeldSession held = Open(PutDocument("letter.pdf"));
  TextPrinter printer = PrinterOf(held.key, TextPrinter::Position::kFirstFile);
  ASSERT_TRUE(printer.PrintNew().ok());
  EXPECT_EQ(Printed(), "");
  ReadToTheEnd(held.key);
  ASSERT_TRUE(printer.PrintNew().ok());
  ASSERT_TRUE(printer.PrintNew().ok());
  const std::string all = "words of page 1\n\fwords of page 2\n\fwords of page 3\n";
  EXPECT_EQ(Printed(), all);
  ASSERT_TRUE(PrinterOf(held.key, TextPrinter::Position::kLaterFile).PrintNew().ok());
  EXPECT_EQ(Printed(), all + "\f" + all);
}

TEST_F(TextPrinterTest, WaitsForThePageBefore) {
  const HeldSession held = Open(PutDocument("letter.pdf"));
  TextPrinter printer = PrinterOf(held.key, TextPrinter::Position::kFirstFile);
  PageOutcome outcome;
  outcome.page = 2;
  outcome.completed = true;
  outcome.result_file = "page_002_result.json";
  home_->book().NoteOutcome(held.key, outcome);
  ASSERT_TRUE(printer.PrintNew().ok());
  EXPECT_EQ(Printed(), "");
}

TEST_F(TextPrinterTest, MarksAPageThatFailed) {
  const HeldSession held = Open(PutDocument("letter.pdf", "%PDF-1.7 pages=2 bad=1"));
  ReadToTheEnd(held.key);
  ASSERT_TRUE(PrinterOf(held.key, TextPrinter::Position::kFirstFile).PrintNew().ok());
  EXPECT_THAT(Printed(), testing::HasSubstr("page 1"));
  EXPECT_THAT(Printed(), testing::EndsWith("\n\fwords of page 2\n"));
}

class FilesAheadTest : public SessionOutputTest {
 protected:
  FilesAhead AheadOf(const std::vector<InputFile>& files) {
    return FilesAhead(*home_, arguments_, files, [this](size_t file, const std::string&, Earlier) {
      asked_.push_back(file);
      return decision_;
    });
  }
  static Status NoWaiting() { return BrokenWorld(ErrorCode::kInterrupted); }

  std::vector<size_t> asked_;
  Decision decision_ = Decision::kRead;
};

TEST_F(FilesAheadTest, OpensAsManyAsKeepTheWorkersBusy) {
  const auto files = Inputs(Singles(8));
  FilesAhead ahead = AheadOf(files);
  const auto first = ahead.TakeNext(NoWaiting);
  ASSERT_TRUE(first.ok() && *first);
  EXPECT_THAT(asked_, ElementsAre(0));
  ahead.KeepWorkersBusy(4);  // two workers, two pages each
  EXPECT_THAT(asked_, ElementsAre(0));
  ahead.KeepWorkersBusy(1);
  EXPECT_THAT(asked_, ElementsAre(0, 1, 2, 3));
  ahead.KeepWorkersBusy(1);
  EXPECT_THAT(asked_, SizeIs(4));
}

TEST_F(FilesAheadTest, GivesEachFileOnceInItsTurn) {
  const auto files = Inputs(Singles(5));
  FilesAhead ahead = AheadOf(files);
  std::vector<std::string> names;
  for (size_t i = 0; i < files.size(); ++i) {
    const auto opened = ahead.TakeNext(NoWaiting);
    ASSERT_TRUE(opened.ok() && *opened);
    names.push_back((*home_->book().ReadMetadata((*opened)->key))->file_name);
    ahead.KeepWorkersBusy(0);
  }
  EXPECT_THAT(names, ElementsAre("00.pdf", "01.pdf", "02.pdf", "03.pdf", "04.pdf"));
  EXPECT_THAT(asked_, ElementsAre(0, 1, 2, 3, 4));
}

TEST_F(FilesAheadTest, LooksAtAFewOfThoseThatHaveNothingToBeRead) {
  decision_ = Decision::kSkip;
  const auto files = Inputs(Singles(30));
  FilesAhead ahead = AheadOf(files);
  ahead.KeepWorkersBusy(0);
  EXPECT_THAT(asked_, SizeIs(16));
  const auto first = ahead.TakeNext(NoWaiting);
  ASSERT_TRUE(first.ok());
  EXPECT_FALSE(*first);
}

TEST_F(FilesAheadTest, TellsWhatIsWrongWithAFileInItsTurn) {
  const auto files =
      Inputs({PutDocument("a.pdf"), PutDocument("b.pdf", "%PDF-1.7 torn"), PutDocument("c.pdf")});
  FilesAhead ahead = AheadOf(files);
  ahead.KeepWorkersBusy(0);
  EXPECT_TRUE(ahead.TakeNext(NoWaiting).ok());
  EXPECT_EQ(ahead.TakeNext(NoWaiting).code(), ErrorCode::kDamaged);
  EXPECT_TRUE(ahead.TakeNext(NoWaiting).ok());
}

TEST_F(FilesAheadTest, WaitsForWhatOthersHoldOnlyInItsTurn) {
  const std::vector<Path> singles = Singles(3);
  const auto files = Inputs(singles);
  std::optional<HeldSession> others = Open(singles[1]);
  FilesAhead ahead = AheadOf(files);
  ASSERT_TRUE(ahead.TakeNext(NoWaiting).ok());
  ahead.KeepWorkersBusy(0);
  EXPECT_THAT(asked_, ElementsAre(0));
  const auto second = ahead.TakeNext([&]() -> Status {
    others.reset();
    return Ok();
  });
  EXPECT_TRUE(second.ok() && *second);
  ahead.KeepWorkersBusy(0);
  EXPECT_THAT(asked_, ElementsAre(0, 1, 2));
}

class DeliveryTest : public SessionOutputTest {
 protected:
  DeliveryTest() : letter_(PutDocument("letter.pdf")), files_(Inputs({letter_})) {}

  Result<Decision> Decide(const std::string& document, Earlier earlier) {
    Delivery delivery(*home_, arguments_, files_);
    EXPECT_TRUE(delivery.Prepare().ok());
    return delivery.Decide(0, document, earlier);
  }
  Status Deliver(const HeldSession& held, int failed_pages = 0) {
    Delivery delivery(*home_, arguments_, files_);
    EXPECT_TRUE(delivery.Prepare().ok());
    return delivery.Write(0, held, failed_pages);
  }

  const Path letter_;
  const std::vector<InputFile> files_;
};

TEST_F(DeliveryTest, SkipsWhatIsThereUnlessItIsToBeReadAgain) {
  const HeldSession held = Open(letter_);
  EXPECT_EQ(*Decide(held.document, Earlier::kNothing), Decision::kRead);
  ReadToTheEnd(held.key);
  ASSERT_TRUE(Deliver(held).ok());
  EXPECT_EQ(*Decide(held.document, Earlier::kNothing), Decision::kSkip);
  // An existing session is resumed, so that it is deleted at the end.
  EXPECT_EQ(*Decide(held.document, Earlier::kFinal), Decision::kRead);
  arguments_.earlier_run = OcrArguments::EarlierRun::kForget;
  EXPECT_EQ(*Decide(held.document, Earlier::kNothing), Decision::kRead);
}

TEST_F(DeliveryTest, ReadsAgainWhatHadFailedPagesOrLacksAFormat) {
  const HeldSession held = Open(letter_);
  ReadToTheEnd(held.key);
  ASSERT_TRUE(Deliver(held, 1).ok());
  EXPECT_EQ(*Decide(held.document, Earlier::kNothing), Decision::kRead);
  ASSERT_TRUE(Deliver(held).ok());
  arguments_.options.formats = {"txt", "json"};
  EXPECT_EQ(*Decide(held.document, Earlier::kNothing), Decision::kRead);
}

TEST_F(DeliveryTest, DoesNotReadWhatCannotBeWritten) {
  PutDocument("out/letter.txt", "mine");
  EXPECT_EQ(Decide("letter", Earlier::kNothing).code(), ErrorCode::kPreconditionFailed);
  EXPECT_EQ(Decide("letter", Earlier::kUnfinished).code(), ErrorCode::kPreconditionFailed);
  // It may have been written by a finished session that died before recording it.
  EXPECT_EQ(*Decide("letter", Earlier::kFinal), Decision::kRead);
  arguments_.existing = OutputFolder::Existing::kOverwrite;
  EXPECT_EQ(*Decide("letter", Earlier::kNothing), Decision::kRead);
}

TEST_F(DeliveryTest, MakesFormatsThatTheSessionWasNotBegunWith) {
  const HeldSession held = Open(letter_);
  ReadToTheEnd(held.key);
  arguments_.options.formats = {"txt", "hocr"};
  ASSERT_TRUE(Deliver(held).ok());
  EXPECT_THAT(Read(folder_.path() / "out" / "letter.hocr"), testing::HasSubstr("ocr_page"));
}

}  // namespace
}  // namespace gnosis
