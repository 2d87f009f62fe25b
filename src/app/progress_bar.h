// Shows progress in one line on standard error; silent if that is not a terminal.
#pragma once

#include <chrono>
#include <string>

#include "session/status.h"

namespace gnosis {

// "letter.pdf  [#########.........]  12/40 pages  1.8 pages/s  0:16 left", at most `columns` wide.
std::string ProgressLine(const JobStatus& status, double pages_per_second, int columns);

class ProgressBar {
 public:
  enum class When { kOnTerminal, kNever };
  explicit ProgressBar(When when);
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  void Show(const JobStatus& status);  // at most ten times a second
  void Clear();                        // call before other text is printed

 private:
  bool on_ = false;
  bool shown_ = false;
  int pages_at_start_ = -1;
  std::chrono::steady_clock::time_point started_;
  std::chrono::steady_clock::time_point last_;
};

}  // namespace gnosis
