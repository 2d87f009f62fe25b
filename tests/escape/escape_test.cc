// Attempts to get out of a page child, each in a process that sealed itself as a child does. Each
// must end in death or an error; without the seal most of them succeed, so that this test can fail.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <string>

#include "child/seal.h"
#include "escape_attempts.h"
#include "wire/child_program.h"

namespace gnosis {
namespace {

constexpr int kDenied = 40;
constexpr int kNoSeal = 41;

enum class Walls { kNone, kSeccompAndLimits, kAll };

class EscapeTest : public testing::Test {
 protected:
  EscapeTest() {
    world_.parent = ::getpid();
    world_.folder = folder_.path();
    std::ofstream(world_.In("there")) << "there";
    world_.listed_file = world_.In("font");
    std::ofstream(world_.listed_file) << "a font";
    std::ofstream(world_.In("document")) << "%PDF-1.4\n";
    document_.Reset(::open(world_.In("document").c_str(), O_RDWR | O_CLOEXEC));
    world_.document = document_.get();
    int ends[2];
    GNOSIS_CHECK(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0);
    ours_.Reset(ends[0]);
    theirs_.Reset(ends[1]);
    world_.socket = theirs_.get();
    world_.page = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    files_ = *FileTable::Open({world_.listed_file});
  }
  ~EscapeTest() override { ::munmap(world_.page, 4096); }

  // Whether the attempt succeeds behind these walls.
  bool Succeeds(const EscapeAttempt& attempt, Walls walls) {
    const pid_t child = ::fork();
    if (child == 0) {
      if (!Seal(walls)) ::_exit(kNoSeal);
      ::_exit(attempt.try_it(world_) ? 0 : kDenied);
    }
    int wait_status = 0;
    EXPECT_EQ(::waitpid(child, &wait_status, 0), child);
    EXPECT_FALSE(WIFEXITED(wait_status) && WEXITSTATUS(wait_status) == kNoSeal);
    return WIFEXITED(wait_status) && WEXITSTATUS(wait_status) == 0;
  }

  std::vector<std::string> Successes(Walls walls) {
    std::vector<std::string> names;
    for (const EscapeAttempt& attempt : EscapeAttempts()) {
      if (Succeeds(attempt, walls)) names.emplace_back(attempt.name);
    }
    return names;
  }

 private:
  bool Seal(Walls walls) {
    const SealOptions options{.max_address_space_bytes = uint64_t{1} << 40, .max_cpu_seconds = 60};
    if (walls == Walls::kNone) return true;
    if (walls == Walls::kAll) return SealProcess(options, *files_).ok();
    return files_->AnswerOpens().ok() && LimitResources(options, files_->descriptor_limit()).ok() &&
           DropPrivileges().ok() && GiveUpPrivileges().ok() && ForbidSystemCalls().ok();
  }

  TemporaryFolder folder_;
  FileDescriptor document_, ours_, theirs_;
  std::unique_ptr<FileTable> files_;

 protected:
  Surroundings world_;
};

TEST_F(EscapeTest, WithoutASealMostAttemptsSucceed) {
  // Which ones depends on the user and the kernel.
  EXPECT_GE(Successes(Walls::kNone).size(), 25u);
  EXPECT_GE(EscapeAttempts().size(), 45u);
}

TEST_F(EscapeTest, NoAttemptSucceedsBehindAllWalls) {
  EXPECT_EQ(Successes(Walls::kAll), std::vector<std::string>());
}

TEST_F(EscapeTest, NoAttemptSucceedsWhereTheKernelHasNoLandlock) {
  EXPECT_EQ(Successes(Walls::kSeccompAndLimits), std::vector<std::string>());
}

// Each wall by itself, in a process of its own; exit code 0 is a pass.
int ExitCodeOf(const std::function<bool()>& check) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(check() ? 0 : 1);
  int wait_status = -1;
  ::waitpid(child, &wait_status, 0);
  return wait_status;
}

std::string LineOf(const std::string& status, const std::string& name) {
  const size_t begin = status.find("\n" + name + ":");
  if (begin == std::string::npos) return "";
  const size_t value = begin + name.size() + 2;
  return status.substr(value, status.find('\n', value) - value);
}

// Who has no rights to lose shows nothing here; as root all of it counts.
TEST_F(EscapeTest, WithoutPrivilegesAloneNobodyIsRoot) {
  const std::string before = *ReadFile("/proc/self/status");
  const uint64_t rights = std::stoull(LineOf(before, "CapEff"), nullptr, 16);
  const auto has = [rights](int capability) { return (rights >> capability & 1) != 0; };
  const bool may_become_nobody =
      has(CAP_SETUID) && has(CAP_SETGID) && has(CAP_KILL) &&
      ExitCodeOf([] { return ::setresuid(65534, 65534, 65534) == 0; }) == 0;
  EXPECT_EQ(ExitCodeOf([&] {
              const auto user = DropPrivileges();
              if (!user.ok() || *user != ::geteuid() || *user != ::getuid()) return false;
              if (may_become_nobody && *user == 0) return false;
              const std::string status = *ReadFile("/proc/self/status");
              for (const char* set : {"CapInh", "CapPrm", "CapEff", "CapAmb"}) {
                if (LineOf(status, set).find_first_not_of("\t0") != std::string::npos) return false;
              }
              if (has(CAP_SETPCAP) &&
                  LineOf(status, "CapBnd").find_first_not_of("\t0") != std::string::npos) {
                return false;
              }
              return ::chroot("/") != 0 && ::setgid(12) != 0 && ::setuid(12) != 0 &&
                     ::sethostname("x", 1) != 0;
            }),
            0);
  EXPECT_EQ(ExitCodeOf([&] {
              const auto user = DropPrivileges();
              return user.ok() && (*user == 0 || ::setuid(0) != 0) && DropPrivileges().ok();
            }),
            0)
      << "there is no way back, and a second time does no harm";
}

TEST_F(EscapeTest, AChildOfAnotherUserStillDiesWithItsParent) {
  int told[2];
  ASSERT_EQ(::pipe(told), 0);
  const pid_t parent = ::fork();
  if (parent == 0) {
    const pid_t self = ::getpid();
    if (::fork() == 0) {
      const bool ready = DieWithParent(self).ok() && DropPrivileges().ok();
      (void)!::write(told[1], ready ? "y" : "n", 1);
      while (true) ::pause();
    }
    while (true) ::pause();
  }
  ::close(told[1]);
  char byte = 0;
  ASSERT_EQ(::read(told[0], &byte, 1), 1);
  EXPECT_EQ(byte, 'y');
  ::kill(parent, SIGKILL);
  ::waitpid(parent, nullptr, 0);
  // The child holds the last writing end.
  EXPECT_EQ(::read(told[0], &byte, 1), 0);
  ::close(told[0]);
}

TEST_F(EscapeTest, LandlockAloneKeepsFromFilesAndNetwork) {
  const auto abi = [] { return RestrictWithLandlock(); };
  if (ExitCodeOf([&] { return abi().ok() && *abi() == 0; }) == 0) {
    GTEST_SKIP() << "this kernel has no Landlock";
  }
  EXPECT_EQ(ExitCodeOf([&] {
              if (!GiveUpPrivileges().ok() || !abi().ok()) return false;
              return ::open("/etc/passwd", O_RDONLY) < 0 && errno == EACCES &&
                     ::open(world_.In("new").c_str(), O_CREAT | O_WRONLY, 0600) < 0 &&
                     ::unlink(world_.In("there").c_str()) != 0 &&
                     ::open(world_.listed_file.c_str(), O_RDONLY) < 0;
            }),
            0);
}

TEST_F(EscapeTest, ListedFilesAreReadAndAnythingElseDoesNotExist) {
  EXPECT_EQ(Succeeds({"read a font",
                      [](const Surroundings& world) {
                        std::ifstream font(world.listed_file);
                        std::string word, other;
                        font >> word >> other;
                        std::ifstream again(world.listed_file);
                        return word == "a" && other == "font" && again.good() &&
                               !std::ifstream("/etc/passwd").good() && errno == ENOENT;
                      }},
                     Walls::kAll),
            true);
}

TEST_F(EscapeTest, AnAbortIsSeenAsOne) {
  const pid_t child = ::fork();
  if (child == 0) {
    const auto files = FileTable::Open({});
    if (files.ok() && SealProcess({uint64_t{1} << 40, 60}, **files).ok()) std::abort();
    ::_exit(0);
  }
  int wait_status = 0;
  ASSERT_EQ(::waitpid(child, &wait_status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(wait_status));
  EXPECT_EQ(WTERMSIG(wait_status), SIGABRT);
}

}  // namespace
}  // namespace gnosis
