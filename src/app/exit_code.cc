#include "app/exit_code.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <string>

namespace gnosis {
namespace {

// Control characters, such as a line feed or an escape sequence in a name, are shown as "\x0A".
std::string WithoutControls(std::string_view text) {
  std::string shown;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F) {
      shown += fmt::format("\\x{:02X}", byte);
    } else {
      shown += c;
    }
  }
  return shown;
}

// fmt::print throws if it cannot write.
void PutLine(const std::string& line) {
  (void)!std::fwrite(line.data(), 1, line.size(), stderr);
  std::fflush(stderr);
}

}  // namespace

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

ExitCode WorseOf(ExitCode a, ExitCode b) {
  static constexpr ExitCode kFromBestToWorst[] = {
      ExitCode::kOk,         ExitCode::kSomePagesFailed, ExitCode::kInputUnreadable,
      ExitCode::kUsage,      ExitCode::kMissingLanguage, ExitCode::kEnvironment,
      ExitCode::kReaderGone, ExitCode::kInterrupted};
  const auto rank = [](ExitCode code) {
    return std::find(std::begin(kFromBestToWorst), std::end(kFromBestToWorst), code);
  };
  return rank(a) < rank(b) ? b : a;
}

void Say(std::string_view message) { PutLine("gnosis-ocr: " + WithoutControls(message) + "\n"); }

void Advise(std::string_view advice) { PutLine("  " + WithoutControls(advice) + "\n"); }

ExitCode ReportError(const Error& error) {
  Say(error.message);
  if (!error.hint.empty()) Advise(error.hint);
  return ExitCodeFor(error.code);
}

}  // namespace gnosis
