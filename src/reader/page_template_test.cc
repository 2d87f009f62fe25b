#include "reader/page_template.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "page/page_request.h"
#include "reader/page_reader.h"
#include "wire/child_program.h"

namespace gnosis {
namespace {

using testing::HasSubstr;

const ChildArguments kArguments{.model_folders = "/usr/share/tessdata",
                                .max_pages = 10,
                                .max_page_pixels = int64_t{1} << 40,
                                .max_side_pixels = 20,
                                .max_address_space_bytes = uint64_t{3} << 33,
                                .max_cpu_seconds = 77};

Result<ChildArguments> Parse(const std::vector<std::string>& list) {
  std::vector<const char*> argv{"gnosis-ocr-page"};
  for (const std::string& argument : list) argv.push_back(argument.c_str());
  return ParseChildArguments(int(argv.size()), argv.data());
}

TEST(ChildArgumentsTest, ReadBackWhatWasWritten) {
  const auto parsed = Parse(ChildArgumentList(kArguments));
  ASSERT_TRUE(parsed.ok()) << parsed.error().message;
  EXPECT_EQ(*parsed, kArguments);
}

TEST(ChildArgumentsTest, EveryArgumentIsNeeded) {
  const std::vector<std::string> whole = ChildArgumentList(kArguments);
  for (size_t size = 0; size < whole.size(); ++size) {
    const auto parsed = Parse({whole.begin(), whole.begin() + long(size)});
    ASSERT_FALSE(parsed.ok());
    EXPECT_THAT(parsed.error().message, HasSubstr("missing"));
  }
}

TEST(ChildArgumentsTest, NamesWhatIsWrong) {
  for (const char* number : {"", "0", "-1", "many", "7x", "99999999999"}) {
    std::vector<std::string> list = ChildArgumentList(kArguments);
    list[3] = number;
    const auto parsed = Parse(list);
    ASSERT_FALSE(parsed.ok()) << number;
    EXPECT_THAT(parsed.error().message, HasSubstr("--max-pages"));
  }
  std::vector<std::string> list = ChildArgumentList(kArguments);
  list.push_back("--more");
  EXPECT_THAT(Parse(list).error().message, HasSubstr("--more"));
}

// A program that records in its model folder how it was started, and ends with code 7.
class PageTemplateTest : public testing::Test {
 protected:
  PageTemplateTest() {
    options_.program = folder_.path() / "program.sh";
    options_.model_folders = folder_.path().string();
    WriteProgram("exit 7");
  }

  void WriteProgram(const char* last_line) {
    std::ofstream(options_.program) << "#!/bin/sh\n"
                                       "cd \"$2\"\n"
                                       "echo \"$@\" > arguments\n"
                                       "echo started >> starts\n"
                                       "env > environment\n"
                                       "ls -l /proc/$$/fd > descriptors\n"
                                    << last_line << "\n";
    ::chmod(options_.program.c_str(), 0755);
  }

  Result<LaunchedChild> Start(ChildLauncher& launcher) {
    const FileDescriptor socket(::memfd_create("socket", MFD_CLOEXEC));
    const FileDescriptor arena(::memfd_create("arena", MFD_CLOEXEC));
    return launcher.Start(socket, arena, {"eng"});
  }
  Error StartFails() {
    const auto launcher = NewPageTemplate(options_);
    const auto child = Start(*launcher);
    return child.ok() ? Error{} : child.error();
  }
  std::string Note(const char* name) { return ReadFile(folder_.path() / name).operator*(); }

  TemporaryFolder folder_;
  ChildOptions options_;
};

TEST_F(PageTemplateTest, TheProgramGetsItsArgumentsAndNothingElse) {
  // Not close-on-exec: it must be closed anyway.
  const FileDescriptor leak(::memfd_create("leak", 0));
  ::setenv("GNOSIS_TEST_SECRET", "1", 1);
  const Error error = StartFails();
  ::unsetenv("GNOSIS_TEST_SECRET");
  EXPECT_EQ(error.code, ErrorCode::kIo);
  EXPECT_EQ(error.message, "the template of the page children ended with exit code 7");

  // 30 s to open, and 500 pages of 100 s.
  EXPECT_THAT(Note("arguments"), HasSubstr(fmt::format("--max-side 30000 --address-space {} "
                                                       "--cpu-seconds 50030\n",
                                                       uint64_t{4} << 30)));
  EXPECT_THAT(Note("environment"), HasSubstr("OMP_THREAD_LIMIT=1\n"));
  EXPECT_THAT(Note("environment"), HasSubstr("LC_ALL=C.UTF-8\n"));
  EXPECT_THAT(Note("environment"), Not(HasSubstr("GNOSIS_TEST_SECRET")));
  const std::string descriptors = Note("descriptors");
  EXPECT_THAT(descriptors, HasSubstr("0 -> /dev/null"));
  EXPECT_THAT(descriptors, HasSubstr("3 -> socket:"));
  EXPECT_THAT(descriptors, Not(HasSubstr("4 -> ")));
  EXPECT_THAT(descriptors, Not(HasSubstr("leak")));
}

TEST_F(PageTemplateTest, AMissingProgramCanBeTriedAgain) {
  options_.program = folder_.path() / "absent";
  const Error error = StartFails();
  EXPECT_TRUE(IsRetryable(error.code));
  EXPECT_THAT(error.message, HasSubstr("absent: No such file or directory"));
  EXPECT_THAT(error.hint, HasSubstr("gnosis-ocr-page"));
}

TEST_F(PageTemplateTest, OneThatEndedIsStartedAnew) {
  const auto launcher = NewPageTemplate(options_);
  for (int attempt = 0; attempt < 3; ++attempt) EXPECT_FALSE(Start(*launcher).ok());
  EXPECT_EQ(Note("starts"), "started\nstarted\nstarted\n");
}

TEST_F(PageTemplateTest, AChildOfAnEarlierTemplateIsNotTakenForOneOfThisOne) {
  const auto launcher = NewPageTemplate(options_);
  EXPECT_EQ(launcher->End({.pid = ::getpid(), .launch = 0}), std::nullopt);
  EXPECT_FALSE(Start(*launcher).ok());
  EXPECT_EQ(launcher->End({.pid = ::getpid(), .launch = 1}), std::nullopt);
}

TEST(DieWithParentTest, RefusesWhenTheParentIsGoneAlready) {
  const pid_t child = ::fork();
  if (child == 0) {
    const bool right = DieWithParent(::getppid()).ok();
    const bool wrong = DieWithParent(::getppid() + 1).ok();
    ::_exit(right && !wrong ? 0 : 1);
  }
  int wait_status = -1;
  ASSERT_EQ(::waitpid(child, &wait_status, 0), child);
  EXPECT_EQ(wait_status, 0);
}

TEST(DieWithParentTest, TheKernelKillsAnOrphan) {
  int ready[2], alive[2];
  ASSERT_EQ(::pipe(ready), 0);
  ASSERT_EQ(::pipe(alive), 0);
  const pid_t parent = ::fork();
  if (parent == 0) {
    if (::fork() == 0) {
      if (DieWithParent(::getppid()).ok()) (void)!::write(ready[1], "x", 1);
      while (true) ::pause();
    }
    char byte;
    ::_exit(::read(ready[0], &byte, 1) == 1 ? 0 : 1);
  }
  ::close(alive[1]);
  ASSERT_EQ(::waitpid(parent, nullptr, 0), parent);
  char byte;
  // The orphan holds the last write end.
  EXPECT_EQ(::read(alive[0], &byte, 1), 0);
  for (const int fd : {ready[0], ready[1], alive[0]}) ::close(fd);
}

TEST(WaitStatusTest, IsSaidInWords) {
  EXPECT_EQ(DescribeWaitStatus(9),
            "was killed by signal 9 (KILL): the system may have run out of memory");
  EXPECT_EQ(DescribeWaitStatus(11), "was killed by signal 11 (SEGV)");
  EXPECT_EQ(DescribeWaitStatus(31),
            "was killed by signal 31 (SYS): it tried a forbidden system call");
  EXPECT_EQ(DescribeWaitStatus(kExitOutOfMemory << 8),
            "ended with exit code 12: it ran out of memory (PAGE_MEMORY)");
}

}  // namespace
}  // namespace gnosis
