#include "reader/page_process.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstring>
#include <utility>

#include "wire/child_program.h"
#include "wire/message_socket.h"

namespace gnosis {
namespace {

std::string_view MeaningOfExit(int code) {
  switch (code) {
    case kExitUsage:
      return ": it did not understand its arguments";
    case kExitPipe:
      return ": its pipe failed";
    case kExitProtocol:
      return ": it did not understand a message";
    case kExitOutOfMemory:
      return ": it ran out of memory (PAGE_MEMORY)";
    case kExitNotSealed:
      return ": it could not be sandboxed";
    case 127:
      return ": it could not be started";
    default:
      return "";
  }
}

std::string_view MeaningOfSignal(int signal) {
  switch (signal) {
    case SIGKILL:
      return ": the system may have run out of memory";
    case SIGABRT:
      return ": a library aborted";
    case SIGXCPU:
      return ": it used up its processor time";
    case SIGSYS:
      return ": it tried a forbidden system call";
    default:
      return "";
  }
}

}  // namespace

std::string DescribeWaitStatus(int wait_status) {
  if (WIFSIGNALED(wait_status)) {
    const int signal = WTERMSIG(wait_status);
    const char* name = ::sigabbrev_np(signal);
    return fmt::format("was killed by signal {} ({}){}", signal, name == nullptr ? "?" : name,
                       MeaningOfSignal(signal));
  }
  const int code = WEXITSTATUS(wait_status);
  return fmt::format("ended with exit code {}{}", code, MeaningOfExit(code));
}

Result<std::unique_ptr<PageProcess>> PageProcess::Start(ChildLauncher& launcher,
                                                        const std::vector<std::string>& languages) {
  ASSIGN_OR_RETURN(auto ends, CreateSocketPair());
  ASSIGN_OR_RETURN(FileDescriptor arena, CreateArena());
  ASSIGN_OR_RETURN(auto mapped, MappedArena::Map(arena, MappedArena::Access::kRead));
  ASSIGN_OR_RETURN(const LaunchedChild child, launcher.Start(ends.second, arena, languages));
  return std::unique_ptr<PageProcess>(
      new PageProcess(launcher, child, std::move(ends.first), std::move(arena), std::move(mapped)));
}

PageProcess::PageProcess(ChildLauncher& launcher, LaunchedChild child, FileDescriptor socket,
                         FileDescriptor arena, std::unique_ptr<MappedArena> mapped)
    : launcher_(launcher),
      child_(child),
      socket_(std::move(socket)),
      arena_(std::move(arena)),
      mapped_(std::move(mapped)) {}

PageProcess::~PageProcess() { Kill(); }

bool PageProcess::IsQuiet() const {
  pollfd wait{socket_.get(), POLLIN, 0};
  int ready;
  do {
    ready = ::poll(&wait, 1, 0);
  } while (ready < 0 && errno == EINTR);
  return ready == 0;
}

uint64_t PageProcess::ResidentBytes() const {
  const auto statm = ReadFile(fmt::format("/proc/{}/statm", child_.pid), 4096);
  if (!statm.ok()) return 0;
  const size_t second = statm->find(' ') + 1;
  uint64_t pages = 0;
  std::from_chars(statm->data() + second, statm->data() + statm->size(), pages);
  return pages * uint64_t(::sysconf(_SC_PAGESIZE));
}

Milliseconds PageProcess::CpuTime() const {
  clockid_t clock{};
  timespec time{};
  if (::clock_getcpuclockid(child_.pid, &clock) != 0 || ::clock_gettime(clock, &time) != 0) {
    return Milliseconds(0);
  }
  return std::chrono::duration_cast<Milliseconds>(std::chrono::seconds(time.tv_sec) +
                                                  std::chrono::nanoseconds(time.tv_nsec));
}

std::string PageProcess::Kill() {
  if (ended_) return "ended";
  ended_ = true;
  const std::optional<int> wait_status = launcher_.End(child_);
  if (!wait_status) return "ended";
  ran_out_of_memory_ = WIFEXITED(*wait_status) && WEXITSTATUS(*wait_status) == kExitOutOfMemory;
  return DescribeWaitStatus(*wait_status);
}

}  // namespace gnosis
