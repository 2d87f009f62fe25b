#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "page/page_pipe.h"
#include "page/page_process.h"
#include "page/page_reader.h"

namespace gnosis {
namespace {

using testing::HasSubstr;

const ChildArguments kArguments{.model_folders = "/usr/share/tessdata",
                                .max_pages = 10,
                                .max_page_pixels = int64_t{1} << 40,
                                .max_side_pixels = 20,
                                .max_address_space_bytes = uint64_t{3} << 33,
                                .parent_pid = 1234};

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

// A program that writes down how it was started, in its model folder, and ends with code 7.
class ProgramLauncherTest : public testing::Test {
 protected:
  ProgramLauncherTest() {
    options_.program = folder_.path() / "program.sh";
    options_.model_folders = folder_.path().string();
    std::ofstream(options_.program) << "#!/bin/sh\n"
                                       "cd \"$2\"\n"
                                       "echo \"$@\" > arguments\n"
                                       "env > environment\n"
                                       "ls -l /proc/$$/fd > descriptors\n"
                                       "exit 7\n";
    ::chmod(options_.program.c_str(), 0755);
  }

  Result<DocumentInfo> Open() {
    const FileDescriptor document(::memfd_create("document", MFD_CLOEXEC));
    return NewChildPageReader(options_)->Open(document, "");
  }
  std::string Note(const char* name) { return ReadFile(folder_.path() / name).operator*(); }

  TemporaryFolder folder_;
  ChildOptions options_;
};

TEST_F(ProgramLauncherTest, TheProgramGetsItsArgumentsAndNothingElse) {
  // Without close-on-exec: must be closed all the same.
  const FileDescriptor leak(::memfd_create("leak", 0));
  ::setenv("GNOSIS_TEST_SECRET", "1", 1);
  const auto info = Open();
  ::unsetenv("GNOSIS_TEST_SECRET");
  ASSERT_FALSE(info.ok());
  EXPECT_EQ(info.code(), ErrorCode::kChildDied);
  EXPECT_EQ(info.error().message, "the page child ended with exit code 7");

  EXPECT_THAT(Note("arguments"), HasSubstr(fmt::format("--max-side 30000 --address-space {} "
                                                       "--parent {}\n",
                                                       uint64_t{4} << 30, ::getpid())));
  EXPECT_THAT(Note("environment"), HasSubstr("OMP_THREAD_LIMIT=1\n"));
  EXPECT_THAT(Note("environment"), HasSubstr("LC_ALL=C.UTF-8\n"));
  EXPECT_THAT(Note("environment"), Not(HasSubstr("GNOSIS_TEST_SECRET")));
  const std::string descriptors = Note("descriptors");
  EXPECT_THAT(descriptors, HasSubstr("0 -> /dev/null"));
  EXPECT_THAT(descriptors, HasSubstr("3 -> socket:"));
  EXPECT_THAT(descriptors, HasSubstr("4 -> /memfd:gnosis-page-arena"));
  EXPECT_THAT(descriptors, Not(HasSubstr("leak")));
}

TEST_F(ProgramLauncherTest, AMissingProgramCanBeTriedAgain) {
  options_.program = folder_.path() / "absent";
  const auto info = Open();
  ASSERT_FALSE(info.ok());
  EXPECT_TRUE(IsRetryable(info.code()));
  EXPECT_THAT(info.error().message, HasSubstr("absent: No such file or directory"));
  EXPECT_THAT(info.error().hint, HasSubstr("gnosis-ocr-page"));
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
  // The orphan holds the last writing end.
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
            "ended with exit code 12: it ran out of memory");
}

}  // namespace
}  // namespace gnosis
