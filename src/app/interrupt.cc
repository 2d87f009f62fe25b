#include "app/interrupt.h"

#include <csignal>
#include <utility>

namespace gnosis {
namespace {

sigset_t WatchedSignals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&set, signal);
  return set;
}

}  // namespace

InterruptWatch::InterruptWatch(std::function<void()> on_interrupt)
    : on_interrupt_(std::move(on_interrupt)) {
  const sigset_t set = WatchedSignals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  // A closed pipe is an error of write(), and must not end the program.
  std::signal(SIGPIPE, SIG_IGN);
  thread_ = std::thread([this, set] {
    int signal = 0;
    while (sigwait(&set, &signal) == 0 && !ending_) {
      ++count_;
      on_interrupt_();
    }
  });
}

InterruptWatch::~InterruptWatch() {
  ending_ = true;
  // Blocked in every thread, so it only wakes sigwait().
  pthread_kill(thread_.native_handle(), SIGTERM);  // NOLINT(bugprone-bad-signal-to-kill-thread)
  thread_.join();
}

}  // namespace gnosis
