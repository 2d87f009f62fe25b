// The program's exit codes (README.md and docs/command-line.md list them for users).
#pragma once

#include <string_view>

#include "base/result.h"

namespace gnosis {

enum class ExitCode {
  kOk = 0,               // all pages read
  kUsage = 1,            // the command line is off
  kInputUnreadable = 2,  // not a document, encrypted, damaged, not there, may not be read
  kSomePagesFailed = 3,  // the others are read
  kMissingLanguage = 4,  // language or engine not installed
  kEnvironment = 5,      // disk full, no permission, a file in the way, port taken, no such server
  kInterrupted = 130,    // can be resumed
  kReaderGone = 141,     // of standard output; what a shell shows for SIGPIPE
};

ExitCode ExitCodeFor(ErrorCode code);
// Of several documents: 0, 3, 2, 1, 4, 5, 141, 130 from best to worst.
ExitCode WorseOf(ExitCode a, ExitCode b);

// "gnosis-ocr: message" on standard error, on one line whatever bytes a file's name brings along.
// Says nothing when standard error is closed or full.
void Say(std::string_view message);
// "  advice" on the line after what was said.
void Advise(std::string_view advice);
// Says the message and the hint; returns ExitCodeFor.
ExitCode ReportError(const Error& error);

}  // namespace gnosis
