// Waits for the answer of a page child: up to a limit of wall-clock time and one of processor time,
// or until interrupted.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/file.h"
#include "base/result.h"
#include "reader/page_process.h"

namespace gnosis {

// Set by Interrupt() from any thread.
class InterruptFlag {
 public:
  InterruptFlag();
  void Set();
  // Whether it was set; clears it.
  bool Take();
  int fd() const { return event_.get(); }

 private:
  FileDescriptor event_;
};

Error Interrupted();

struct AnswerLimits {
  std::string what;  // "page 3", "opening the document"
  Milliseconds wall;
  std::string wall_setting;  // name of the setting, or another reason
  Milliseconds cpu;
  uint64_t memory_bytes = 0;  // PAGE_MEMORY
};

// Both clocks start when the object is created.
class AnswerWait {
 public:
  AnswerWait(PageProcess& process, InterruptFlag& interrupt, AnswerLimits limits);
  // The next message, not validated yet. After any error the process must be ended: kTimeout,
  // kInterrupted, kChildDied (with the cause), kTooLarge (it needed more memory than it may use),
  // kIo.
  Result<std::string> Next();

 private:
  using SteadyClock = std::chrono::steady_clock;

  // The time until the first limit can be reached; 0 once one has been.
  Milliseconds Left() const;
  Error TimedOut() const;
  Error Ended();
  // Nothing: no message yet.
  Result<std::optional<std::string>> Receive();

  PageProcess& process_;
  InterruptFlag& interrupt_;
  const AnswerLimits limits_;
  const SteadyClock::time_point end_;
  const Milliseconds cpu_end_;  // on the process's clock
};

// How the child ended, by itself or killed by this call, as an error.
Error Died(PageProcess& process);

}  // namespace gnosis
