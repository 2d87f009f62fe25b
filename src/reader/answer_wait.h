// Waiting for what a page child answers: not longer than a limit of wall-clock and of processor
// time allows, and not beyond an interruption.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/file.h"
#include "base/result.h"
#include "reader/page_process.h"

namespace gnosis {

// What Interrupt() sets from any thread.
class InterruptFlag {
 public:
  InterruptFlag();
  void Set();
  // Whether it was set; it no longer is.
  bool Take();
  int fd() const { return event_.get(); }

 private:
  FileDescriptor event_;
};

Error Interrupted();

struct AnswerLimits {
  std::string what;  // "page 3", "opening the document"
  Milliseconds wall;
  std::string wall_setting;  // its name, or what else set it
  Milliseconds cpu;
  uint64_t memory_bytes = 0;  // PAGE_MEMORY
};

// Both clocks begin to run when the object is made.
class AnswerWait {
 public:
  AnswerWait(PageProcess& process, InterruptFlag& interrupt, AnswerLimits limits);
  // The next message, not looked at yet. After any error the process must be ended: kTimeout,
  // kInterrupted, kChildDied (with how it died), kTooLarge (it needed more memory than it may),
  // kIo.
  Result<std::string> Next();

 private:
  using SteadyClock = std::chrono::steady_clock;

  // Until the first of the two limits can be reached; 0 when one is.
  Milliseconds Left() const;
  Error TimedOut() const;
  Error Ended();
  // Nothing: no message yet.
  Result<std::optional<std::string>> Receive();

  PageProcess& process_;
  InterruptFlag& interrupt_;
  const AnswerLimits limits_;
  const SteadyClock::time_point end_;
  const Milliseconds cpu_end_;  // of the process's clock
};

// How the child ended, by itself or killed by this call, as an error.
Error Died(PageProcess& process);

}  // namespace gnosis
