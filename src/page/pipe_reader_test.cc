#include "page/pipe_reader.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <functional>
#include <optional>
#include <thread>

#include "page/page_pipe.h"
#include "page/page_samples.h"
#include "page/page_socket.h"
#include "page/page_wire.h"

namespace gnosis {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

// A pipe through which a child tells the test that it came somewhere, or that it is no more.
struct Signal {
  FileDescriptor read_end, write_end;
  Signal() {
    int ends[2];
    GNOSIS_CHECK(::pipe2(ends, O_CLOEXEC) == 0);
    read_end.Reset(ends[0]);
    write_end.Reset(ends[1]);
  }
  void Send() { (void)!::write(write_end.get(), "x", 1); }
  void Wait() {
    char byte;
    EXPECT_EQ(::read(read_end.get(), &byte, 1), 1);
  }
  // Whether everybody who could send is gone. The test's own end is closed first.
  bool IsAbandoned() {
    write_end.Reset(-1);
    char byte;
    return ::read(read_end.get(), &byte, 1) == 0;
  }
};

[[noreturn]] void Hang() {
  while (true) ::pause();
}

// The document's content is its number of pages; a page's words are what was asked for.
class FakeMachine : public PageMachine {
 public:
  using OnRead = std::function<Result<PageArtefacts>(const PageRequest&)>;
  explicit FakeMachine(OnRead on_read, Result<SealReport> seal)
      : on_read_(std::move(on_read)), seal_(std::move(seal)) {}

  Result<SealReport> Seal() override { return seal_; }

  Result<DocumentInfo> Open(FileDescriptor document, const std::string& password) override {
    if (password == "hang") Hang();
    if (password == "wrong") {
      return Error{ErrorCode::kPasswordRequired, "the password is wrong", "give another"};
    }
    ASSIGN_OR_RETURN(const std::string content, ReadDescriptor(document, 100));
    return DocumentInfo{"application/pdf", std::stoi(content)};
  }
  Result<PageArtefacts> Read(const PageRequest& request) override { return on_read_(request); }

  static Result<PageArtefacts> Echo(const PageRequest& request) {
    PageArtefacts artefacts = SampleArtefacts();
    artefacts.result.language = fmt::format("{}", fmt::join(request.languages, "+"));
    std::vector<Word>& words = artefacts.result.words.blocks[0].paragraphs[0].lines[0].words;
    words[0].text = fmt::format("page{}", request.page);
    words[1].text = fmt::format("dpi{}", request.dpi);
    words[2].text =
        fmt::format("mode{},rotate{}", int(request.text_source), request.rotate.value_or(-1));
    return artefacts;
  }

 private:
  OnRead on_read_;
  Result<SealReport> seal_;
};

// What a child does with its two descriptors; returns an exit code.
using ChildBody = std::function<int(FileDescriptor socket, FileDescriptor arena)>;

ChildBody ServeWith(FakeMachine::OnRead on_read, const Result<SealReport>* seal) {
  return [on_read, seal](FileDescriptor socket, FileDescriptor arena) {
    FakeMachine machine(on_read, *seal);
    return ServePagePipe(machine, std::move(socket), std::move(arena));
  };
}

class PipeReaderTest : public testing::Test, public ChildLauncher {
 protected:
  void Use(ChildBody body) { body_ = std::move(body); }
  ChildBody Serve(FakeMachine::OnRead on_read = FakeMachine::Echo) {
    return ServeWith(std::move(on_read), &seal_);
  }

  PageReader& reader() {
    if (!reader_) {
      reader_ = NewPipeReader(options_, *this);
    }
    return *reader_;
  }

  static FileDescriptor DocumentWithPages(int pages) {
    FileDescriptor document(::memfd_create("document", MFD_CLOEXEC));
    GNOSIS_CHECK(WriteAll(document, fmt::to_string(pages)).ok());
    return document;
  }
  void EndReader() { reader_.reset(); }
  Result<DocumentInfo> Open(int pages = 5, const std::string& password = "") {
    return reader().Open(DocumentWithPages(pages), password);
  }
  Result<PageArtefacts> Read(int page) { return reader().Read({.page = page}); }

  void ExpectReads(int page) {
    const auto artefacts = Read(page);
    ASSERT_TRUE(artefacts.ok()) << artefacts.error().message;
    EXPECT_EQ(artefacts->result.page, page);
    EXPECT_THAT(artefacts->result.text, StartsWith(fmt::format("page{} ", page)));
  }
  void ExpectFails(int page, ErrorCode code, std::string_view message) {
    const auto artefacts = Read(page);
    ASSERT_FALSE(artefacts.ok());
    EXPECT_EQ(artefacts.code(), code) << artefacts.error().message;
    EXPECT_THAT(artefacts.error().message, HasSubstr(message));
  }
  // No process and no zombie.
  static bool IsGone(pid_t pid) { return ::kill(pid, 0) != 0 && errno == ESRCH; }

  ChildOptions options_{.languages = {"eng"}};
  std::vector<pid_t> started_;
  std::vector<std::string> languages_;  // that each was started for
  FileDescriptor latest_arena_;
  Signal signal_;
  std::optional<Error> launch_error_;
  Result<SealReport> seal_ = SealReport{true, true, true, 0};

 private:
  Result<LaunchedChild> Start(const FileDescriptor& socket, const FileDescriptor& arena,
                              const std::vector<std::string>& languages) override {
    if (launch_error_) return *launch_error_;
    languages_.push_back(fmt::format("{}", fmt::join(languages, "+")));
    latest_arena_ = *arena.Duplicate();
    const pid_t pid = ::fork();
    if (pid < 0) return ErrnoError(errno, "fork");
    if (pid == 0) RunChild(socket.get(), arena.get());
    ::setpgid(pid, pid);
    started_.push_back(pid);
    return LaunchedChild{pid, 1};
  }

  std::optional<int> End(const LaunchedChild& child) override {
    ::kill(-child.pid, SIGKILL);
    ::kill(child.pid, SIGKILL);
    int wait_status = 0;
    EXPECT_EQ(::waitpid(child.pid, &wait_status, 0), child.pid);
    return wait_status;
  }

  [[noreturn]] void RunChild(int socket, int arena) {
    ::setpgid(0, 0);
    // The parent's end of the socket must not live on here, or nobody would notice its end.
    for (int fd = 3; fd < 256; ++fd) {
      if (fd != socket && fd != arena && fd != signal_.write_end.get()) ::close(fd);
    }
    ::_exit(body_(FileDescriptor(socket), FileDescriptor(arena)));
  }

  ChildBody body_ = Serve();
  std::unique_ptr<PageReader> reader_;
};

TEST_F(PipeReaderTest, ReadsPages) {
  const auto info = Open(5);
  ASSERT_TRUE(info.ok()) << info.error().message;
  EXPECT_EQ(info->media_type, "application/pdf");
  EXPECT_EQ(info->page_count, 5);
  for (const int page : {1, 5, 3, 3}) ExpectReads(page);
  EXPECT_EQ(started_.size(), 1u);
}

TEST_F(PipeReaderTest, HandsOverWhatWasAskedForAndWhatCameOut) {
  ASSERT_TRUE(Open().ok());
  const auto artefacts = reader().Read({.page = 2,
                                        .languages = {"eng", "deu"},
                                        .dpi = 200,
                                        .text_source = TextSource::kRecognise,
                                        .rotate = 270});
  ASSERT_TRUE(artefacts.ok()) << artefacts.error().message;
  EXPECT_EQ(artefacts->result.text, "page2 dpi200 mode1,rotate270\n");
  EXPECT_EQ(artefacts->result.language, "eng+deu");
  EXPECT_EQ(artefacts->image_png, PngOfSize(100, 50));
  EXPECT_EQ(artefacts->preview_jpeg, SampleArtefacts().preview_jpeg);
}

TEST_F(PipeReaderTest, StartsNothingBeforeTheFirstDocument) {
  reader();
  EXPECT_TRUE(started_.empty());
}

TEST_F(PipeReaderTest, EachDocumentHasAChildOfItsOwn) {
  ASSERT_TRUE(Open(1).ok());
  ExpectReads(1);
  ASSERT_TRUE(Open(9).ok());
  EXPECT_TRUE(IsGone(started_[0]));
  ExpectReads(9);
  EXPECT_EQ(started_.size(), 2u);
}

TEST_F(PipeReaderTest, AChildRefusesASecondDocument) {
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

TEST_F(PipeReaderTest, AClosedDocumentHasNoChild) {
  ASSERT_TRUE(Open().ok());
  reader().Close();
  EXPECT_TRUE(IsGone(started_[0]));
  EXPECT_EQ(Read(1).code(), ErrorCode::kInternal);
  ASSERT_TRUE(Open().ok());
  ExpectReads(1);
}

TEST_F(PipeReaderTest, AChildIsReadyForTheLanguagesReadLast) {
  ASSERT_TRUE(Open().ok());
  ExpectReads(1);
  ASSERT_TRUE(Open().ok());
  ExpectReads(1);
  ASSERT_TRUE(reader().Read({.page = 2, .languages = {"deu", "fra"}}).ok());
  EXPECT_THAT(languages_, testing::ElementsAre("eng", "eng", "deu+fra"));
}

TEST_F(PipeReaderTest, ARefusedDocumentIsAResult) {
  const auto info = Open(5, "wrong");
  ASSERT_FALSE(info.ok());
  EXPECT_EQ(info.code(), ErrorCode::kPasswordRequired);
  EXPECT_EQ(info.error().message, "the password is wrong");
  EXPECT_EQ(info.error().hint, "give another");
  EXPECT_TRUE(IsGone(started_[0]));
  EXPECT_TRUE(Open(5).ok());
}

TEST_F(PipeReaderTest, RefusesQuestionsThatDoNotFit) {
  EXPECT_EQ(Read(1).code(), ErrorCode::kInternal);
  EXPECT_EQ(Open(5, std::string(256, 'x')).code(), ErrorCode::kInvalidArgument);
  ASSERT_TRUE(Open(5, std::string(255, 'x')).ok());
  ExpectFails(0, ErrorCode::kInvalidArgument, "page 0 of a document with 5 pages");
  ExpectFails(6, ErrorCode::kInvalidArgument, "page 6 of a document with 5 pages");
  EXPECT_EQ(reader().Read({.languages = {std::string(256, 'x')}}).code(),
            ErrorCode::kInvalidArgument);
  ExpectReads(1);
}

TEST_F(PipeReaderTest, AnUnreadablePageIsAResult) {
  Use(Serve([](const PageRequest& request) -> Result<PageArtefacts> {
    if (request.page == 2) return Error{ErrorCode::kDamaged, "comes out as 1x1 pixel", "h"};
    return FakeMachine::Echo(request);
  }));
  ASSERT_TRUE(Open().ok());
  ExpectFails(2, ErrorCode::kDamaged, "comes out as 1x1 pixel");
  ExpectReads(3);
  EXPECT_EQ(started_.size(), 1u);
}

TEST_F(PipeReaderTest, APageTooLargeForTheArenaIsAResult) {
  Use(Serve([](const PageRequest& request) -> Result<PageArtefacts> {
    auto artefacts = FakeMachine::Echo(request);
    if (request.page == 2) artefacts->image_png.resize(kArenaBytes);
    return artefacts;
  }));
  ASSERT_TRUE(Open().ok());
  ExpectFails(2, ErrorCode::kTooLarge, "192 MiB");
  ExpectReads(3);
}

TEST_F(PipeReaderTest, ADeathIsThatPagesFailureAndTheNextPageIsRead) {
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
  ExpectFails(4, ErrorCode::kChildDied, "ran out of memory");
  ExpectReads(5);
  EXPECT_EQ(started_.size(), 4u);
}

TEST_F(PipeReaderTest, ADeathBetweenPagesCostsNothing) {
  ASSERT_TRUE(Open(5, "secret").ok());
  ExpectReads(1);
  ::kill(started_[0], SIGKILL);
  siginfo_t ignored;
  ASSERT_EQ(::waitid(P_PID, id_t(started_[0]), &ignored, WEXITED | WNOWAIT), 0);
  ExpectReads(2);
  EXPECT_EQ(started_.size(), 2u);
  EXPECT_TRUE(IsGone(started_[0]));
}

TEST_F(PipeReaderTest, ASlowPageIsKilledWithEverythingItStarted) {
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

TEST_F(PipeReaderTest, APageThatUsesUpItsProcessorTimeIsKilled) {
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

TEST_F(PipeReaderTest, ASlowDocumentIsKilled) {
  options_.open_timeout = Milliseconds(50);
  const auto info = Open(5, "hang");
  ASSERT_FALSE(info.ok());
  EXPECT_EQ(info.code(), ErrorCode::kTimeout);
  EXPECT_EQ(info.error().message, "opening the document took longer than 0.05 s (OPEN_TIMEOUT)");
  EXPECT_TRUE(IsGone(started_[0]));
  EXPECT_TRUE(Open(5).ok());
}

TEST_F(PipeReaderTest, InterruptEndsTheCallUnderWay) {
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

TEST_F(PipeReaderTest, InterruptBetweenCallsEndsTheNextOneOnly) {
  ASSERT_TRUE(Open().ok());
  reader().Interrupt();
  reader().Interrupt();
  ExpectFails(1, ErrorCode::kInterrupted, "asked to stop");
  ExpectReads(1);
  reader().Interrupt();
  EXPECT_EQ(Open().code(), ErrorCode::kInterrupted);
}

TEST_F(PipeReaderTest, RecyclesAfterSoManyPages) {
  options_.max_pages = 2;
  ASSERT_TRUE(Open().ok());
  for (int page = 1; page <= 5; ++page) ExpectReads(page);
  EXPECT_EQ(started_.size(), 3u);
}

TEST_F(PipeReaderTest, RecyclesAChildThatGrew) {
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

TEST_F(PipeReaderTest, GivesTheArenasMemoryBack) {
  ASSERT_TRUE(Open().ok());
  ExpectReads(1);
  struct stat info {};
  ASSERT_EQ(::fstat(latest_arena_.get(), &info), 0);
  EXPECT_EQ(info.st_blocks, 0);
  EXPECT_EQ(uint64_t(info.st_size), kArenaBytes);
}

TEST_F(PipeReaderTest, TheArenaCannotBeResized) {
  ASSERT_TRUE(Open().ok());
  EXPECT_NE(::ftruncate(latest_arena_.get(), 0), 0);
  EXPECT_NE(::ftruncate(latest_arena_.get(), off_t(kArenaBytes * 2)), 0);
}

TEST_F(PipeReaderTest, LeavesNoProcessBehind) {
  ASSERT_TRUE(Open().ok());
  EXPECT_FALSE(IsGone(started_[0]));
  EndReader();
  EXPECT_TRUE(IsGone(started_[0]));
}

TEST_F(PipeReaderTest, AChildThatCannotBeStartedIsTriedAgain) {
  launch_error_ = Error{ErrorCode::kIo, "no more processes", ""};
  EXPECT_EQ(Open().code(), ErrorCode::kIo);
  launch_error_.reset();
  EXPECT_TRUE(Open().ok());
}

TEST_F(PipeReaderTest, TheSealOfAChildIsAskedForWithoutADocument) {
  const auto report = ProbeSeal(*this, Milliseconds(10'000));
  ASSERT_TRUE(report.ok()) << report.error().message;
  EXPECT_EQ(*report, (SealReport{true, true, true, 0}));
  EXPECT_TRUE(IsGone(started_[0]));
}

TEST_F(PipeReaderTest, AChildThatCannotSealItselfIsGivenNoDocument) {
  seal_ = Error{ErrorCode::kPermission, "the sandbox cannot be closed: seccomp", "why"};
  const auto info = Open();
  ASSERT_FALSE(info.ok());
  EXPECT_TRUE(IsRetryable(info.code()));
  EXPECT_EQ(info.error().message, "the sandbox cannot be closed: seccomp");
  EXPECT_EQ(ProbeSeal(*this, Milliseconds(10'000)).error().hint, "why");
  seal_ = SealReport{true, true, false, 3};
  EXPECT_THAT(Open().error().message,
              HasSubstr("not sealed: seccomp, no_new_privs, no limits, Landlock ABI 3"));
}

// Children that do not keep to the protocol.

// Answers the first question honestly as ServePagePipe would, then `misbehave` gets the second.
using Misbehave = std::function<void(const FileDescriptor& socket, uint32_t sequence)>;
ChildBody OpensThen(Misbehave misbehave) {
  return [misbehave](FileDescriptor socket, FileDescriptor) {
    while (true) {
      auto question = ReceiveSocketMessage(socket, Attachments::kTake, SocketWait::kBlock);
      if (!question.ok() || (*question)->bytes.empty()) return int(kExitHungUp);
      const WireHeader header = PeekHeader((*question)->bytes);
      if (header.type == WireType::kRead) {
        misbehave(socket, header.sequence);
        continue;
      }
      SealedMessage sealed{.seccomp = 1, .no_new_privs = 1, .limits = 1};
      sealed.header.sequence = header.sequence;
      (void)WriteSocketMessage(socket, AsBytes(sealed));
      OpenedMessage answer;
      answer.header.sequence = header.sequence;
      answer.page_count = 5;
      PutText(answer.media_type, "image/tiff");
      (void)SendSocketMessage(socket, AsBytes(answer), {}, SocketWait::kBlock);
    }
  };
}

FailedMessage Failure(uint32_t sequence) {
  FailedMessage failure;
  failure.header.sequence = sequence;
  PutText(failure.code, "damaged");
  PutText(failure.message, "honest");
  return failure;
}

class LyingChildTest : public PipeReaderTest {
 protected:
  void ExpectDies(Misbehave misbehave, std::string_view message) {
    Use(OpensThen(std::move(misbehave)));
    ASSERT_TRUE(Open().ok());
    ExpectFails(2, ErrorCode::kChildDied, message);
    EXPECT_TRUE(IsGone(started_[0]));
  }
};

TEST_F(LyingChildTest, ALieCostsTheAttemptAndTheChild) {
  ExpectDies(
      [](const FileDescriptor& socket, uint32_t sequence) {
        PageMessage answer;
        answer.header.sequence = sequence;
        answer.page = 2;
        (void)SendSocketMessage(socket, AsBytes(answer), {}, SocketWait::kBlock);
      },
      "the page child broke the protocol: an image of 0x0 pixels");
}

TEST_F(LyingChildTest, AMessageTooLongIsALie) {
  ExpectDies(
      [](const FileDescriptor& socket, uint32_t) {
        const std::string flood(100'000, 'x');
        (void)SendSocketMessage(socket, flood, {}, SocketWait::kBlock);
      },
      "a message of more than 2048 bytes");
}

TEST_F(LyingChildTest, ADescriptorIsALie) {
  ExpectDies(
      [](const FileDescriptor& socket, uint32_t sequence) {
        const FailedMessage failure = Failure(sequence);
        (void)SendSocketMessage(socket, AsBytes(failure), {socket.get()}, SocketWait::kBlock);
      },
      "unasked-for descriptors");
}

TEST_F(LyingChildTest, AnEmptyMessageIsAHangUp) {
  ExpectDies(
      [](const FileDescriptor& socket, uint32_t) {
        (void)SendSocketMessage(socket, "", {}, SocketWait::kBlock);
        Hang();
      },
      "was killed by signal 9");
}

TEST_F(LyingChildTest, SilenceBehindAClosedSocketIsDeath) {
  ExpectDies(
      [](const FileDescriptor& socket, uint32_t) {
        ::close(socket.get());
        Hang();
      },
      "was killed by signal 9");
}

TEST_F(LyingChildTest, AFloodCostsTheChildButNotTheNextPage) {
  Use(OpensThen([this](const FileDescriptor& socket, uint32_t sequence) {
    const FailedMessage failure = Failure(sequence);
    for (int i = 0; i < 1000; ++i) {
      (void)SendSocketMessage(socket, AsBytes(failure), {}, SocketWait::kDontBlock);
    }
    signal_.Send();
    Hang();
  }));
  ASSERT_TRUE(Open().ok());
  ExpectFails(2, ErrorCode::kDamaged, "honest");
  signal_.Wait();
  Use(Serve());
  ExpectReads(3);
  EXPECT_EQ(started_.size(), 2u);
  EXPECT_TRUE(IsGone(started_[0]));
}

}  // namespace
}  // namespace gnosis
