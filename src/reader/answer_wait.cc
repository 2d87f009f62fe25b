#include "reader/answer_wait.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "reader/page_reply.h"
#include "wire/message_socket.h"

namespace gnosis {
namespace {

// A child has one thread: it uses processor time no faster than wall-clock time.
constexpr Milliseconds kSmallestWait{10};
constexpr Milliseconds kLargestWait{60'000};

double InSeconds(Milliseconds time) { return double(time.count()) / 1000; }

constexpr const char* kSlowHint = "documents this slow are often damaged or malicious";

}  // namespace

InterruptFlag::InterruptFlag() : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  GNOSIS_CHECK(event_.valid());
}

void InterruptFlag::Set() { ::eventfd_write(event_.get(), 1); }

bool InterruptFlag::Take() {
  eventfd_t count = 0;
  return ::eventfd_read(event_.get(), &count) == 0;
}

Error Interrupted() { return Error{ErrorCode::kInterrupted, "asked to stop", ""}; }

Error Died(PageProcess& process) {
  return Error{ErrorCode::kChildDied, fmt::format("the page child {}", process.Kill()), ""};
}

AnswerWait::AnswerWait(PageProcess& process, InterruptFlag& interrupt, AnswerLimits limits)
    : process_(process),
      interrupt_(interrupt),
      limits_(std::move(limits)),
      end_(SteadyClock::now() + limits_.wall),
      cpu_end_(process.CpuTime() + limits_.cpu) {}

Milliseconds AnswerWait::Left() const {
  const auto wall = std::chrono::ceil<Milliseconds>(end_ - SteadyClock::now());
  const Milliseconds cpu = cpu_end_ - process_.CpuTime();
  if (wall <= Milliseconds(0) || cpu <= Milliseconds(0)) return Milliseconds(0);
  return std::clamp(std::min(wall, cpu), kSmallestWait, kLargestWait);
}

Error AnswerWait::TimedOut() const {
  const std::string how =
      SteadyClock::now() >= end_
          ? fmt::format("took longer than {:g} s ({})", InSeconds(limits_.wall),
                        limits_.wall_setting)
          : fmt::format("used more than {:g} s of processor time (PAGE_CPU_TIMEOUT)",
                        InSeconds(limits_.cpu));
  return Error{ErrorCode::kTimeout, fmt::format("{} {}", limits_.what, how), kSlowHint};
}

Error AnswerWait::Ended() {
  Error died = Died(process_);
  if (!process_.RanOutOfMemory()) return died;
  return Error{ErrorCode::kTooLarge,
               fmt::format("{} needs more memory than {} MiB (PAGE_MEMORY)", limits_.what,
                           limits_.memory_bytes >> 20),
               "raise PAGE_MEMORY, or use a lower dpi; documents that need this much are often "
               "damaged or malicious"};
}

Result<std::string> AnswerWait::Next() {
  while (true) {
    pollfd waits[2] = {{interrupt_.fd(), POLLIN, 0}, {process_.socket().get(), POLLIN, 0}};
    const Milliseconds left = Left();
    const int ready = ::poll(waits, 2, int(left.count()));
    if (ready < 0 && errno != EINTR) return ErrnoError(errno, "cannot wait for the page child");
    if (interrupt_.Take()) return Interrupted();
    if (ready > 0 && waits[1].revents != 0) {
      ASSIGN_OR_RETURN(auto answer, Receive());
      if (answer) return *std::move(answer);
    }
    if (ready == 0 && left == Milliseconds(0)) return TimedOut();
  }
}

Result<std::optional<std::string>> AnswerWait::Receive() {
  auto message =
      ReceiveSocketMessage(process_.socket(), Attachments::kRefuse, SocketWait::kDontBlock);
  if (!message.ok()) return BrokenProtocol(message.error().message);
  if (!*message) return std::optional<std::string>();
  if ((*message)->bytes.empty()) return Ended();
  return std::optional(std::move((*message)->bytes));
}

}  // namespace gnosis
