// For tests of commands: what a call printed, and its exit code.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "app/exit_code.h"

namespace gnosis {

struct Printed {
  ExitCode code = ExitCode::kOk;
  std::string out;
  std::string err;
};

inline Printed Capture(const std::function<ExitCode()>& call) {
  Printed printed;
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  printed.code = call();
  printed.out = testing::internal::GetCapturedStdout();
  printed.err = testing::internal::GetCapturedStderr();
  return printed;
}

}  // namespace gnosis
