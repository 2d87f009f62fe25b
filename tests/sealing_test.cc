// The real page program under a real template: it is closed in, nothing of it outlives its parent,
// and what it reads sealed is what it would read unsealed.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>

#include "engine/ocr_engine.h"
#include "engine/process_page.h"
#include "languages/languages.h"
#include "page/page_request.h"
#include "reader/page_reader.h"
#include "reader/page_template.h"
#include "reader/sealed_reader.h"
#include "wire/page_server.h"

namespace gnosis {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::filesystem::path kSource = GNOSIS_SOURCE;

ChildOptions RealOptions() {
  return {.program = GNOSIS_PAGE_PROGRAM,
          .model_folders = JoinModelFolders(FindModelFolders("")),
          .open_timeout = Milliseconds(60'000),
          .page_timeout = Milliseconds(120'000)};
}

// Passes everything on, and remembers who was started.
class NotingLauncher final : public ChildLauncher {
 public:
  explicit NotingLauncher(const ChildOptions& options) : real_(NewPageTemplate(options)) {}
  Result<LaunchedChild> Start(const FileDescriptor& socket, const FileDescriptor& arena,
                              const std::vector<std::string>& languages) override {
    auto child = real_->Start(socket, arena, languages);
    if (child.ok()) latest = child->pid;
    return child;
  }
  std::optional<int> End(const LaunchedChild& child) override { return real_->End(child); }

  pid_t latest = 0;

 private:
  std::unique_ptr<ChildLauncher> real_;
};

std::string ProcFile(pid_t pid, const char* name) {
  return ReadFile(fmt::format("/proc/{}/{}", pid, name)).operator*();
}

pid_t ParentOf(pid_t pid) {
  const std::string status = ProcFile(pid, "status");
  return std::atoi(status.c_str() + status.find("PPid:") + 5);
}

FileDescriptor Example(const char* name) { return *OpenForReading(kSource / "examples" / name); }

class SealingTest : public testing::Test {
 protected:
  void OpenExample() {
    const auto info = reader_->Open(Example("born-digital.pdf"), "");
    ASSERT_TRUE(info.ok()) << info.error().message;
  }

  ChildOptions options_ = RealOptions();
  NotingLauncher launcher_{options_};
  std::unique_ptr<PageReader> reader_ = NewSealedReader(options_, launcher_);
};

TEST_F(SealingTest, TheKernelSaysThatAChildIsSealed) {
  OpenExample();
  const std::string status = ProcFile(launcher_.latest, "status");
  EXPECT_THAT(status, HasSubstr("\nSeccomp:\t2\n"));
  EXPECT_THAT(status, HasSubstr("\nNoNewPrivs:\t1\n"));
  EXPECT_THAT(status, HasSubstr("\nThreads:\t1\n"));
  for (const char* set : {"CapInh", "CapPrm", "CapEff", "CapAmb"}) {
    EXPECT_THAT(status, HasSubstr(fmt::format("\n{}:\t0000000000000000\n", set)));
  }
  const std::string limits = ProcFile(launcher_.latest, "limits");
  for (const char* limit :
       {"Max file size             0 ", "Max core file size        0 ",
        "Max processes             0 ", "Max address space         4294967296 "}) {
    EXPECT_THAT(limits, HasSubstr(limit));
  }
  const auto report = ProbeSeal(launcher_, options_.open_timeout);
  ASSERT_TRUE(report.ok()) << report.error().message;
  EXPECT_THAT(status, HasSubstr(fmt::format("\nUid:\t{0}\t{0}\t{0}\t{0}\n", report->user_id)));
}

TEST_F(SealingTest, TheReportNamesTheLayers) {
  const auto report = ProbeSeal(launcher_, options_.open_timeout);
  ASSERT_TRUE(report.ok()) << report.error().message;
  EXPECT_TRUE(IsSealed(*report));
}

TEST_F(SealingTest, EachDocumentHasAChildAndAllHaveOneTemplate) {
  OpenExample();
  const pid_t first = launcher_.latest;
  const pid_t parent = ParentOf(first);
  EXPECT_NE(parent, ::getpid());
  OpenExample();
  EXPECT_NE(launcher_.latest, first);
  EXPECT_EQ(ParentOf(launcher_.latest), parent);
  EXPECT_NE(::kill(first, 0), 0);
}

// All children of a template have one layout of memory.
TEST(RecycledTemplateTest, IsReplacedWhileItsChildrenReadOn) {
  ChildOptions options = RealOptions();
  options.max_forks = 2;
  options.languages = {"eng"};
  NotingLauncher launcher(options);
  const auto first_reader = NewSealedReader(options, launcher);
  const auto open = [&](PageReader& reader) {
    const auto info = reader.Open(Example("born-digital.pdf"), "");
    ASSERT_TRUE(info.ok()) << info.error().message;
  };
  open(*first_reader);
  const pid_t first_child = launcher.latest;
  const pid_t first_template = ParentOf(first_child);
  const auto second_reader = NewSealedReader(options, launcher);
  // No opening waits for the next template; so it takes some until it is ready.
  for (int i = 0; i < 10'000; ++i) {
    open(*second_reader);
    if (ParentOf(launcher.latest) != first_template) break;
  }
  ASSERT_NE(ParentOf(launcher.latest), first_template);
  EXPECT_EQ(ParentOf(first_child), first_template);
  const auto page = first_reader->Read({.page = 1});
  EXPECT_TRUE(page.ok()) << page.error().message;
  EXPECT_EQ(::kill(first_child, 0), 0) << "it read with the child that it had";
  first_reader->Close();
  EXPECT_NE(::kill(first_template, 0), 0) << "it ends with its last child";
  EXPECT_TRUE(second_reader->Read({.page = 1}).ok());
}

TEST_F(SealingTest, ATemplateThatDiesTakesItsChildrenAlongAndIsStartedAnew) {
  OpenExample();
  const int child = int(::syscall(SYS_pidfd_open, launcher_.latest, 0));
  if (child < 0) GTEST_SKIP() << "this kernel has no pidfd";
  const pid_t dead = ParentOf(launcher_.latest);
  ASSERT_EQ(::kill(dead, SIGKILL), 0);
  pollfd end{child, POLLIN, 0};
  EXPECT_EQ(::poll(&end, 1, 60'000), 1);
  ::close(child);
  OpenExample();
  EXPECT_NE(ParentOf(launcher_.latest), dead);
  const auto page = reader_->Read({.page = 1});
  EXPECT_TRUE(page.ok()) << page.error().message;
}

TEST(OrphanTest, NoChildOutlivesTheServer) {
  int told[2];
  ASSERT_EQ(::pipe(told), 0);
  const pid_t server = ::fork();
  if (server == 0) {
    const ChildOptions options = RealOptions();
    NotingLauncher launcher(options);
    const auto reader = NewSealedReader(options, launcher);
    if (reader->Open(Example("born-digital.pdf"), "").ok()) {
      const pid_t pids[2] = {launcher.latest, ParentOf(launcher.latest)};
      (void)!::write(told[1], pids, sizeof(pids));
    }
    while (true) ::pause();
  }
  ::close(told[1]);
  pid_t pids[2] = {};
  ASSERT_EQ(::read(told[0], pids, sizeof(pids)), ssize_t(sizeof(pids)));
  pollfd ends[2] = {};
  for (int i = 0; i < 2; ++i) {
    ends[i] = {int(::syscall(SYS_pidfd_open, pids[i], 0)), POLLIN, 0};
  }
  ::kill(server, SIGKILL);
  ::waitpid(server, nullptr, 0);
  ::close(told[0]);
  if (ends[0].fd < 0) GTEST_SKIP() << "this kernel has no pidfd";
  for (pollfd& end : ends) {
    EXPECT_EQ(::poll(&end, 1, 60'000), 1);
    ::close(end.fd);
  }
}

// Does what a child of the real program does, in a fork of this test, without a seal.
class UnsealedMachine final : public PageMachine {
 public:
  Result<SealReport> Seal() override { return SealReport{true, true, true, 0, true}; }
  Result<DocumentInfo> Open(FileDescriptor file, const std::string& password) override {
    ASSIGN_OR_RETURN(document_, OpenDocument(file, password, RenderLimits{}));
    return document_->info();
  }
  Result<PageArtefacts> Read(const PageRequest& request) override {
    const bool fast = request.options.engine == EngineChoice::kFast;
    return ProcessPage(*document_, fast ? *fast_ : *tesseract_, request);
  }

 private:
  std::unique_ptr<OcrEngine> tesseract_ = NewTesseractEngine(FindModelFolders(""));
  std::unique_ptr<OcrEngine> fast_ = NewFastEngine(FindModelFolders(""), *tesseract_);
  std::unique_ptr<Document> document_;
};

class UnsealedLauncher final : public ChildLauncher {
 public:
  Result<LaunchedChild> Start(const FileDescriptor& socket, const FileDescriptor& arena,
                              const std::vector<std::string>&) override {
    const pid_t pid = ::fork();
    if (pid == 0) {
      ::setpgid(0, 0);
      UnsealedMachine machine;
      ::_exit(ServePagePipe(machine, FileDescriptor(::dup(socket.get())),
                            FileDescriptor(::dup(arena.get()))));
    }
    return LaunchedChild{pid, 1};
  }
  std::optional<int> End(const LaunchedChild& child) override {
    ::kill(child.pid, SIGKILL);
    int wait_status = 0;
    ::waitpid(child.pid, &wait_status, 0);
    return wait_status;
  }
};

// Everything of a document that comes out, or why nothing does.
struct Sample {
  TextMode source;
  int pages;  // at most
  EngineChoice engine = EngineChoice::kFast;
};
std::string Describe(PageReader& reader, const std::filesystem::path& file, const Sample& sample) {
  const auto document = OpenForReading(file);
  if (!document.ok()) return document.error().message;
  const auto info = reader.Open(*document, "");
  if (!info.ok()) return info.error().message;
  std::string all = fmt::format("{} {}\n", info->media_type, info->page_count);
  for (int page = 1; page <= std::min(info->page_count, sample.pages); ++page) {
    auto artefacts = reader.Read(
        {.page = page, .options = {.dpi = 150, .mode = sample.source, .engine = sample.engine}});
    if (!artefacts.ok()) {
      all += artefacts.error().message + "\n";
      continue;
    }
    artefacts->result.duration_ms = 0;
    // The checksums of image and preview are in it.
    all += EncodePageResult(artefacts->result);
  }
  return all;
}

// Such a page ends elsewhere each time, in another way without the seal's limits, and near a limit
// only in one of two readings.
bool EndedByALimit(const std::string& description) {
  for (const char* end : {"took longer", "used more than", "more memory", "was killed"}) {
    if (description.find(end) != std::string::npos) return true;
  }
  return false;
}

// How many files of the folder came out alike; those that end by a limit are left out.
int CountAlike(const std::filesystem::path& folder, const Sample& sample, Milliseconds cpu) {
  ChildOptions options = RealOptions();
  options.languages = {"eng"};
  options.page_cpu_timeout = cpu;
  const auto page_template = NewPageTemplate(options);
  UnsealedLauncher forks;
  const auto sealed_reader = NewSealedReader(options, *page_template);
  const auto unsealed_reader = NewSealedReader(options, forks);
  int alike = 0;
  std::error_code absent;
  for (const auto& entry : std::filesystem::directory_iterator(folder, absent)) {
    if (!entry.is_regular_file() || entry.path().extension() == ".txt") continue;
    const std::string sealed = Describe(*sealed_reader, entry.path(), sample);
    EXPECT_THAT(sealed, Not(HasSubstr("forbidden system call"))) << entry.path();
    if (EndedByALimit(sealed)) continue;
    const std::string unsealed = Describe(*unsealed_reader, entry.path(), sample);
    if (EndedByALimit(unsealed)) continue;
    EXPECT_EQ(sealed, unsealed) << entry.path();
    alike += sealed == unsealed ? 1 : 0;
  }
  return alike;
}

// At every limit of memory a page is what it is without one, or an error that names the setting:
// nothing in between, whichever library is the first to have none.
TEST(ShortMemoryTest, APageIsWholeOrNeedsMoreMemory) {
  const auto read = [](uint64_t max_address_space_bytes, const char* name) {
    ChildOptions options = RealOptions();
    options.models = ChildOptions::Models::kLoadedWhenNeeded;
    options.max_address_space_bytes = max_address_space_bytes;
    const auto page_template = NewPageTemplate(options);
    const auto reader = NewSealedReader(options, *page_template);
    return Describe(*reader, kSource / "examples" / name, {TextMode::kAuto, 1});
  };
  int whole = 0, short_of_memory = 0;
  for (const char* name : {"letter-scan.pdf", "mixed.pdf", "two-columns.png", "receipt-photo.jpg",
                           "fax.tif", "form.webp"}) {
    const std::string expected = read(uint64_t{4} << 30, name);
    for (uint64_t limit = uint64_t{224} << 20; limit < uint64_t{512} << 20; limit += 24 << 20) {
      const std::string description = read(limit, name);
      if (description == expected) {
        ++whole;
      } else {
        ++short_of_memory;
        EXPECT_THAT(description, HasSubstr("(PAGE_MEMORY)")) << name << " with " << (limit >> 20);
        EXPECT_THAT(description, HasSubstr("needs more memory"));
      }
    }
  }
  EXPECT_GE(whole, 6);
  EXPECT_GE(short_of_memory, 6);
}

std::filesystem::path SharedData() {
  const char* folder = std::getenv("GNOSIS_SHARED_DATA");
  return folder != nullptr ? std::filesystem::path(folder) : kSource / "../shared/data";
}

TEST(SealedOutputTest, TheFastEngineReadsTheExamplesAlike) {
  EXPECT_GE(CountAlike(kSource / "examples", {TextMode::kAuto, 2}, Milliseconds(60'000)), 10);
}

TEST(SealedOutputTest, TesseractReadsTheExamplesAlike) {
  const Sample sample{TextMode::kAuto, 1, EngineChoice::kTesseract};
  EXPECT_GE(CountAlike(kSource / "examples", sample, Milliseconds(60'000)), 10);
}

TEST(SealedOutputTest, AwkwardFilesAreShownAlike) {
  const auto folder = SharedData() / "awkward";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << folder << " is not there";
  EXPECT_GE(CountAlike(folder, {TextMode::kSkip, 1}, Milliseconds(2'000)), 150);
}

}  // namespace
}  // namespace gnosis
