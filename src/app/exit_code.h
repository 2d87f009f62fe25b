// What the program's exit says (DESIGN section 8; README lists them for users).
#pragma once

#include "base/result.h"

namespace gnosis {

enum class ExitCode {
  kOk = 0,               // all pages read
  kUsage = 1,            // the command line is off
  kInputUnreadable = 2,  // not a document, encrypted, damaged, not there
  kSomePagesFailed = 3,  // the others are read
  kMissingLanguage = 4,  // language or engine not installed
  kEnvironment = 5,      // disk full, no permission, port taken, no such server
  kInterrupted = 130,    // can be resumed
};

ExitCode ExitCodeFor(ErrorCode code);
// "gnosis-ocr: message" and the hint, on standard error; returns ExitCodeFor.
ExitCode ReportError(const Error& error);

}  // namespace gnosis
