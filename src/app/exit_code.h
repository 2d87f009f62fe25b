// The program's exit codes (README.md and docs/command-line.md list them for users).
#pragma once

#include <string_view>

#include "base/result.h"

namespace gnosis {

enum class ExitCode {
  kOk = 0,               // all pages succeeded
  kUsage = 1,            // the command line is invalid
  kInputUnreadable = 2,  // not a document, encrypted, damaged, missing, or not readable
  kSomePagesFailed = 3,  // the others succeeded
  kMissingLanguage = 4,  // language or engine not installed
  kEnvironment = 5,      // disk full, no permission, a file in the way, port in use, no such server
  kInterrupted = 130,    // can be resumed
  kReaderGone = 141,     // the reader of standard output; the value that shells use for SIGPIPE
};

ExitCode ExitCodeFor(ErrorCode code);
// Of several documents: 0, 3, 2, 1, 4, 5, 141, 130 from best to worst.
ExitCode WorseOf(ExitCode a, ExitCode b);

// Prints "gnosis-ocr: message" on standard error, always on one line whatever bytes a file name
// contains. Does nothing if standard error is closed or full.
void Say(std::string_view message);
// Prints "  advice" on the line after a message.
void Advise(std::string_view advice);
// Prints the message and the hint; returns ExitCodeFor.
ExitCode ReportError(const Error& error);

}  // namespace gnosis
