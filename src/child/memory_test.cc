#include "child/memory.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <functional>
#include <new>
#include <vector>

#include "wire/child_program.h"

namespace gnosis {
namespace {

constexpr size_t kTooMuch = size_t{4} << 30;

// The waitpid status of a process that runs `body` with 1 GiB more address space than this one
// uses.
int WaitStatusOf(const std::function<void()>& body) {
  const pid_t child = ::fork();
  if (child == 0) {
    const rlimit limit{size_t{1} << 30, size_t{1} << 30};
    ::setrlimit(RLIMIT_AS, &limit);
    const rlimit no_core{0, 0};
    ::setrlimit(RLIMIT_CORE, &no_core);
    WatchMemory();
    body();
    ::_exit(MemoryRanOut() ? 1 : 0);
  }
  int wait_status = 0;
  EXPECT_EQ(::waitpid(child, &wait_status, 0), child);
  return wait_status;
}
int ExitCodeOf(const std::function<void()>& body) {
  const int wait_status = WaitStatusOf(body);
  return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : -1;
}
void Use(void* memory) {
  volatile auto address = reinterpret_cast<uintptr_t>(memory);
  (void)address;
}

#if defined(__has_feature)
constexpr bool kMallocIsASanitizers =
    __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
constexpr bool kMallocIsASanitizers = false;
#endif

class WatchMemoryTest : public testing::Test {
 protected:
  void SetUp() override {
    if (kMallocIsASanitizers) GTEST_SKIP() << "a sanitizer's malloc";
  }
};

TEST_F(WatchMemoryTest, NotesEveryWayToRunOutOfMemory) {
  EXPECT_EQ(ExitCodeOf([] {}), 0);
  EXPECT_EQ(ExitCodeOf([] { Use(std::malloc(1000)); }), 0);
  EXPECT_EQ(ExitCodeOf([] { Use(std::calloc(1024, kTooMuch / 1024)); }), 1);
  EXPECT_EQ(ExitCodeOf([] { Use(std::realloc(std::malloc(1), kTooMuch)); }), 1);
  EXPECT_EQ(ExitCodeOf([] { Use(std::aligned_alloc(64, kTooMuch)); }), 1);
  EXPECT_EQ(ExitCodeOf([] {
              void* memory = nullptr;
              Use(::posix_memalign(&memory, 64, kTooMuch) == 0 ? memory : nullptr);
            }),
            1);
  EXPECT_EQ(ExitCodeOf([] { Use(::operator new(kTooMuch, std::nothrow)); }), 1);
  EXPECT_EQ(ExitCodeOf([] {
              try {
                const std::vector<char> large(kTooMuch);
                Use(const_cast<char*>(large.data()));
              } catch (const std::bad_alloc&) {
              }
            }),
            1);
}

TEST_F(WatchMemoryTest, ASenselessSizeIsNoShortage) {
  EXPECT_EQ(ExitCodeOf([] { Use(std::malloc(size_t{1} << 62)); }), 0);
  EXPECT_EQ(ExitCodeOf([] { Use(std::calloc(size_t{1} << 40, size_t{1} << 40)); }), 0);
}

TEST_F(WatchMemoryTest, ACrashForWantOfMemoryIsTold) {
  EXPECT_EQ(ExitCodeOf([] {
              Use(std::malloc(kTooMuch));
              std::abort();
            }),
            kExitOutOfMemory);
  EXPECT_EQ(ExitCodeOf([] {
              auto* volatile number = static_cast<volatile int*>(std::malloc(kTooMuch));
              *number = 1;
            }),
            kExitOutOfMemory);
}

TEST_F(WatchMemoryTest, AnyOtherCrashIsSeenAsWhatItIs) {
  const int aborted = WaitStatusOf([] { std::abort(); });
  EXPECT_TRUE(WIFSIGNALED(aborted) && WTERMSIG(aborted) == SIGABRT);
  const int crashed = WaitStatusOf([] {
    volatile int* volatile nowhere = nullptr;
    *nowhere = 1;
  });
  EXPECT_TRUE(WIFSIGNALED(crashed) && WTERMSIG(crashed) == SIGSEGV);
}

}  // namespace
}  // namespace gnosis
