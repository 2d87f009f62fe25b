#include "app/exit_code.h"

#include <fmt/format.h>

#include <cstdio>

namespace gnosis {

ExitCode ExitCodeFor(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kUnsupportedFormat:
    case ErrorCode::kConflict:
      return ExitCode::kUsage;
    case ErrorCode::kNotFound:
    case ErrorCode::kGone:
    case ErrorCode::kUnsupportedMediaType:
    case ErrorCode::kPasswordRequired:
    case ErrorCode::kDamaged:
    case ErrorCode::kNoPages:
    case ErrorCode::kTooLarge:
      return ExitCode::kInputUnreadable;
    case ErrorCode::kMissingLanguage:
      return ExitCode::kMissingLanguage;
    case ErrorCode::kInterrupted:
      return ExitCode::kInterrupted;
    default:
      return ExitCode::kEnvironment;
  }
}

ExitCode ReportError(const Error& error) {
  fmt::print(stderr, "gnosis-ocr: {}\n", error.message);
  if (!error.hint.empty()) fmt::print(stderr, "  {}\n", error.hint);
  return ExitCodeFor(error.code);
}

}  // namespace gnosis
