#include "reader/sealed_reader.h"

#include <sys/stat.h>

#include <thread>

#include "support/sealed_reader_fixture.h"
#include "wire/message_socket.h"
#include "wire/messages.h"

namespace gnosis {
namespace {

using testing::HasSubstr;

TEST_F(SealedReaderTest, ReadsPages) {
  const auto info = Open(5);
  ASSERT_TRUE(info.ok()) << info.error().message;
  EXPECT_EQ(info->media_type, "application/pdf");
  EXPECT_EQ(info->page_count, 5);
  for (const int page : {1, 5, 3, 3}) ExpectReads(page);
  EXPECT_EQ(started_.size(), 1u);
}

TEST_F(SealedReaderTest, HandsOverWhatWasAskedForAndWhatCameOut) {
  ASSERT_TRUE(Open().ok());
  const auto artefacts = reader().Read({.page = 2,
                                        .options = {.languages = {"eng", "deu"},
                                                    .rotate = 270,
                                                    .dpi = 200,
                                                    .mode = TextMode::kForce},
                                        .effort = Effort::kReduced});
  ASSERT_TRUE(artefacts.ok()) << artefacts.error().message;
  EXPECT_EQ(artefacts->result.text, "page2 dpi200 mode1,rotate270,effort1\n");
  EXPECT_EQ(artefacts->result.language, "eng+deu");
  EXPECT_EQ(artefacts->image_png, PngOfSize(100, 50));
  EXPECT_EQ(artefacts->preview_jpeg, SampleArtefacts().preview_jpeg);
}

TEST_F(SealedReaderTest, StartsNothingBeforeTheFirstDocument) {
  reader();
  EXPECT_TRUE(started_.empty());
}

TEST_F(SealedReaderTest, EachDocumentHasAChildOfItsOwn) {
  ASSERT_TRUE(Open(1).ok());
  ExpectReads(1);
  ASSERT_TRUE(Open(9).ok());
  EXPECT_TRUE(IsGone(started_[0]));
  ExpectReads(9);
  EXPECT_EQ(started_.size(), 2u);
}

TEST_F(SealedReaderTest, AChildRefusesASecondDocument) {
  const auto process = *PageProcess::Start(*this, {});
  OpenMessage question;
  PutText(question.password, "");
  const FileDescriptor document = DocumentWithPages(1);
  const auto open = [&] {
    return SendSocketMessage(process->socket(), AsBytes(question), {document.get()},
                             SocketWait::kBlock)
        .ok();
  };
  ASSERT_TRUE(open());
  EXPECT_EQ(PeekHeader(*ReadSocketMessage(process->socket())).type, WireType::kSealed);
  EXPECT_EQ(PeekHeader(*ReadSocketMessage(process->socket())).type, WireType::kOpened);
  ASSERT_TRUE(open());
  EXPECT_EQ(*ReadSocketMessage(process->socket()), "");
  EXPECT_EQ(process->Kill(), "ended with exit code 11: it did not understand a message");
}

TEST_F(SealedReaderTest, AClosedDocumentHasNoChild) {
  ASSERT_TRUE(Open().ok());
  reader().Close();
  EXPECT_TRUE(IsGone(started_[0]));
  EXPECT_EQ(Read(1).code(), ErrorCode::kInternal);
  ASSERT_TRUE(Open().ok());
  ExpectReads(1);
}

TEST_F(SealedReaderTest, AChildIsReadyForTheLanguagesReadLast) {
  ASSERT_TRUE(Open().ok());
  ExpectReads(1);
  ASSERT_TRUE(Open().ok());
  ExpectReads(1);
  ASSERT_TRUE(reader().Read({.page = 2, .options = {.languages = {"deu", "fra"}}}).ok());
  EXPECT_THAT(languages_, testing::ElementsAre("eng", "eng", "deu+fra"));
}

TEST_F(SealedReaderTest, ARefusedDocumentIsAResult) {
  const auto info = Open(5, "wrong");
  ASSERT_FALSE(info.ok());
  EXPECT_EQ(info.code(), ErrorCode::kPasswordRequired);
  EXPECT_EQ(info.error().message, "the password is wrong");
  EXPECT_EQ(info.error().hint, "give another");
  EXPECT_TRUE(IsGone(started_[0]));
  EXPECT_TRUE(Open(5).ok());
}

TEST_F(SealedReaderTest, RefusesQuestionsThatDoNotFit) {
  EXPECT_EQ(Read(1).code(), ErrorCode::kInternal);
  EXPECT_EQ(Open(5, std::string(256, 'x')).code(), ErrorCode::kInvalidArgument);
  ASSERT_TRUE(Open(5, std::string(255, 'x')).ok());
  ExpectFails(0, ErrorCode::kInvalidArgument, "page 0 of a document with 5 pages");
  ExpectFails(6, ErrorCode::kInvalidArgument, "page 6 of a document with 5 pages");
  EXPECT_EQ(reader().Read({.options = {.languages = {std::string(256, 'x')}}}).code(),
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(reader().Read({.time_limit = Milliseconds(0)}).code(), ErrorCode::kInvalidArgument);
  ExpectReads(1);
}

TEST_F(SealedReaderTest, AChildRefusesANumberWithoutAMeaning) {
  const auto refuses = [this](auto change) {
    ReadMessage question;
    question.page = 1;
    change(question);
    const auto process = *PageProcess::Start(*this, {});
    const FileDescriptor document = DocumentWithPages(1);
    const FileDescriptor& socket = process->socket();
    ASSERT_TRUE(
        SendSocketMessage(socket, AsBytes(OpenMessage{}), {document.get()}, SocketWait::kBlock)
            .ok());
    EXPECT_EQ(PeekHeader(*ReadSocketMessage(socket)).type, WireType::kSealed);
    EXPECT_EQ(PeekHeader(*ReadSocketMessage(socket)).type, WireType::kOpened);
    ASSERT_TRUE(SendSocketMessage(socket, AsBytes(question), {}, SocketWait::kBlock).ok());
    EXPECT_EQ(*ReadSocketMessage(socket), "");
    EXPECT_EQ(process->Kill(), "ended with exit code 11: it did not understand a message");
  };
  refuses([](ReadMessage&) {});  // no options
  refuses([](ReadMessage& question) { PutText(question.options, "dpi=300\n"); });
  refuses([](ReadMessage& question) {
    PutText(question.options, EncodePageOptions({}));
    question.effort = 2;
  });
  refuses([](ReadMessage& question) {
    PutText(question.options, EncodePageOptions({}));
    question.options.size_bytes = kMaxOptionsBytes + 1;
  });
}

TEST_F(SealedReaderTest, AnUnreadablePageIsAResult) {
  Use(Serve([](const PageRequest& request) -> Result<PageArtefacts> {
    if (request.page == 2) return Error{ErrorCode::kDamaged, "comes out as 1x1 pixel", "h"};
    return FakeMachine::Echo(request);
  }));
  ASSERT_TRUE(Open().ok());
  ExpectFails(2, ErrorCode::kDamaged, "comes out as 1x1 pixel");
  ExpectReads(3);
  EXPECT_EQ(started_.size(), 1u);
}

TEST_F(SealedReaderTest, APageTooLargeForTheArenaIsAResult) {
  Use(Serve([](const PageRequest& request) -> Result<PageArtefacts> {
    auto artefacts = FakeMachine::Echo(request);
    if (request.page == 2) artefacts->image_png.resize(kArenaBytes);
    return artefacts;
  }));
  ASSERT_TRUE(Open().ok());
  ExpectFails(2, ErrorCode::kTooLarge, "192 MiB");
  ExpectReads(3);
}

TEST_F(SealedReaderTest, ADeathIsThatPagesFailureAndTheNextPageIsRead) {
  Use(Serve([](const PageRequest& request) -> Result<PageArtefacts> {
    if (request.page == 2) ::raise(SIGKILL);
    if (request.page == 3) ::_exit(77);
    if (request.page == 4) throw std::bad_alloc();
    return FakeMachine::Echo(request);
  }));
  ASSERT_TRUE(Open().ok());
  ExpectReads(1);
  ExpectFails(2, ErrorCode::kChildDied, "the page child was killed by signal 9 (KILL)");
  ExpectFails(3, ErrorCode::kChildDied, "the page child ended with exit code 77");
  ExpectFails(4, ErrorCode::kTooLarge, "page 4 needs more memory than 4096 MiB (PAGE_MEMORY)");
  ExpectReads(5);
  EXPECT_EQ(started_.size(), 4u);
}

TEST_F(SealedReaderTest, OpeningThatNeedsTooMuchMemoryIsAResult) {
  const auto info = Open(5, "memory");
  ASSERT_FALSE(info.ok());
  EXPECT_EQ(info.code(), ErrorCode::kTooLarge);
  EXPECT_EQ(info.error().message,
            "opening the document needs more memory than 4096 MiB (PAGE_MEMORY)");
  EXPECT_TRUE(IsGone(started_[0]));
}

TEST_F(SealedReaderTest, APageThatNeedsTooMuchMemoryIsTriedInAChildThatReadNothingElse) {
  Use(Serve([count = 0](const PageRequest& request) mutable -> Result<PageArtefacts> {
    if (request.page == 3 || ++count > 2) throw std::bad_alloc();
    return FakeMachine::Echo(request);
  }));
  ASSERT_TRUE(Open().ok());
  ExpectReads(1);
  ExpectReads(2);
  ExpectReads(4);
  EXPECT_EQ(started_.size(), 2u);
  ExpectFails(3, ErrorCode::kTooLarge, "page 3 needs more memory");
  EXPECT_EQ(started_.size(), 3u) << "not more than twice";
}

TEST_F(SealedReaderTest, ADeathBetweenPagesCostsNothing) {
  ASSERT_TRUE(Open(5, "secret").ok());
  ExpectReads(1);
  ::kill(started_[0], SIGKILL);
  siginfo_t ignored;
  ASSERT_EQ(::waitid(P_PID, id_t(started_[0]), &ignored, WEXITED | WNOWAIT), 0);
  ExpectReads(2);
  EXPECT_EQ(started_.size(), 2u);
  EXPECT_TRUE(IsGone(started_[0]));
}

TEST_F(SealedReaderTest, ASlowPageIsKilledWithEverythingItStarted) {
  options_.page_timeout = Milliseconds(50);
  Use(Serve([](const PageRequest& request) -> Result<PageArtefacts> {
    if (request.page != 2) return FakeMachine::Echo(request);
    (void)::fork();
    Hang();
  }));
  ASSERT_TRUE(Open().ok());
  ExpectFails(2, ErrorCode::kTimeout, "page 2 took longer than 0.05 s (PAGE_TIMEOUT)");
  EXPECT_TRUE(IsGone(started_[0]));
  EXPECT_TRUE(signal_.IsAbandoned());
}

TEST_F(SealedReaderTest, APageCanHaveAShorterLimitThanTheOthers) {
  Use(Serve([](const PageRequest& request) -> Result<PageArtefacts> {
    if (request.page != 2) return FakeMachine::Echo(request);
    Hang();
  }));
  ASSERT_TRUE(Open().ok());
  const auto slow = reader().Read({.page = 2, .time_limit = Milliseconds(50)});
  ASSERT_FALSE(slow.ok());
  EXPECT_EQ(slow.code(), ErrorCode::kTimeout);
  EXPECT_EQ(slow.error().message, "page 2 took longer than 0.05 s (the limit of this attempt)");
  EXPECT_TRUE(IsGone(started_[0]));
  ExpectReads(3);
}

TEST_F(SealedReaderTest, NoPageCanHaveALongerLimitThanTheOthers) {
  options_.page_timeout = Milliseconds(50);
  Use(Serve([](const PageRequest&) -> Result<PageArtefacts> { Hang(); }));
  ASSERT_TRUE(Open().ok());
  const auto slow = reader().Read({.page = 2, .time_limit = Seconds(600)});
  ASSERT_FALSE(slow.ok());
  EXPECT_EQ(slow.error().message, "page 2 took longer than 0.05 s (PAGE_TIMEOUT)");
}

TEST_F(SealedReaderTest, APageThatUsesUpItsProcessorTimeIsKilled) {
  options_.page_cpu_timeout = Milliseconds(50);
  Use(Serve([](const PageRequest& request) -> Result<PageArtefacts> {
    volatile const bool busy = request.page == 2;
    while (busy) continue;
    return FakeMachine::Echo(request);
  }));
  ASSERT_TRUE(Open().ok());
  ExpectFails(2, ErrorCode::kTimeout,
              "page 2 used more than 0.05 s of processor time (PAGE_CPU_TIMEOUT)");
  EXPECT_TRUE(IsGone(started_[0]));
  ExpectReads(3);
}

TEST_F(SealedReaderTest, ASlowDocumentIsKilled) {
  options_.open_timeout = Milliseconds(50);
  const auto info = Open(5, "hang");
  ASSERT_FALSE(info.ok());
  EXPECT_EQ(info.code(), ErrorCode::kTimeout);
  EXPECT_EQ(info.error().message, "opening the document took longer than 0.05 s (OPEN_TIMEOUT)");
  EXPECT_TRUE(IsGone(started_[0]));
}

TEST_F(SealedReaderTest, InterruptEndsTheCallUnderWay) {
  Use(Serve([this](const PageRequest& request) -> Result<PageArtefacts> {
    if (request.page != 2) return FakeMachine::Echo(request);
    signal_.Send();
    Hang();
  }));
  ASSERT_TRUE(Open().ok());
  std::thread other([this] {
    signal_.Wait();
    reader().Interrupt();
  });
  ExpectFails(2, ErrorCode::kInterrupted, "asked to stop");
  other.join();
  EXPECT_TRUE(IsGone(started_[0]));
  ExpectReads(3);
}

TEST_F(SealedReaderTest, InterruptBetweenCallsEndsTheNextOneOnly) {
  ASSERT_TRUE(Open().ok());
  reader().Interrupt();
  reader().Interrupt();
  ExpectFails(1, ErrorCode::kInterrupted, "asked to stop");
  ExpectReads(1);
  reader().Interrupt();
  EXPECT_EQ(Open().code(), ErrorCode::kInterrupted);
}

TEST_F(SealedReaderTest, RecyclesAfterSoManyPages) {
  options_.max_pages = 2;
  ASSERT_TRUE(Open().ok());
  for (int page = 1; page <= 5; ++page) ExpectReads(page);
  EXPECT_EQ(started_.size(), 3u);
}

TEST_F(SealedReaderTest, RecyclesAChildThatGrew) {
  Use(Serve([](const PageRequest& request) {
    static std::string hoard;
    if (request.page == 2) hoard.assign(size_t{96} << 20, 'x');
    return FakeMachine::Echo(request);
  }));
  const auto statm = ReadFile("/proc/self/statm");
  const size_t pages = std::stoul(statm->substr(statm->find(' ') + 1));
  options_.max_resident_bytes = pages * size_t(::sysconf(_SC_PAGESIZE)) + (size_t{48} << 20);
  ASSERT_TRUE(Open().ok());
  ExpectReads(1);
  ExpectReads(1);
  EXPECT_EQ(started_.size(), 1u);
  ExpectReads(2);
  EXPECT_TRUE(IsGone(started_[0]));
  ExpectReads(3);
  EXPECT_EQ(started_.size(), 2u);
}

TEST_F(SealedReaderTest, GivesTheArenasMemoryBack) {
  ASSERT_TRUE(Open().ok());
  ExpectReads(1);
  struct stat info {};
  ASSERT_EQ(::fstat(latest_arena_.get(), &info), 0);
  EXPECT_EQ(info.st_blocks, 0);
  EXPECT_EQ(uint64_t(info.st_size), kArenaBytes);
}

TEST_F(SealedReaderTest, TheArenaCannotBeResized) {
  ASSERT_TRUE(Open().ok());
  EXPECT_NE(::ftruncate(latest_arena_.get(), 0), 0);
  EXPECT_NE(::ftruncate(latest_arena_.get(), off_t(kArenaBytes * 2)), 0);
}

TEST_F(SealedReaderTest, LeavesNoProcessBehind) {
  ASSERT_TRUE(Open().ok());
  EXPECT_FALSE(IsGone(started_[0]));
  EndReader();
  EXPECT_TRUE(IsGone(started_[0]));
}

TEST_F(SealedReaderTest, AChildThatCannotBeStartedIsTriedAgain) {
  launch_error_ = Error{ErrorCode::kIo, "no more processes", ""};
  EXPECT_EQ(Open().code(), ErrorCode::kIo);
  launch_error_.reset();
  EXPECT_TRUE(Open().ok());
}

TEST_F(SealedReaderTest, TheSealOfAChildIsAskedForWithoutADocument) {
  const auto report = ProbeSeal(*this, Milliseconds(10'000));
  ASSERT_TRUE(report.ok()) << report.error().message;
  EXPECT_EQ(*report, (SealReport{true, true, true, 0, true}));
  EXPECT_TRUE(IsGone(started_[0]));
}

TEST_F(SealedReaderTest, AChildThatCannotSealItselfIsGivenNoDocument) {
  seal_ = Error{ErrorCode::kPermission, "cannot enter the sandbox: seccomp", "why"};
  const auto info = Open();
  ASSERT_FALSE(info.ok());
  EXPECT_TRUE(IsRetryable(info.code()));
  EXPECT_EQ(info.error().message, "cannot enter the sandbox: seccomp");
  EXPECT_EQ(ProbeSeal(*this, Milliseconds(10'000)).error().hint, "why");
  seal_ = SealReport{true, true, false, 3, false, 1000};
  EXPECT_THAT(Open().error().message,
              HasSubstr("not sealed: seccomp, no_new_privs, no limits, capabilities, user 1000, "
                        "Landlock ABI 3"));
}

}  // namespace
}  // namespace gnosis
