#include "app/exit_code.h"

#include <gtest/gtest.h>
#include <unistd.h>

namespace gnosis {
namespace {

TEST(ExitCode, OfSeveralDocumentsIsTheWorst) {
  EXPECT_EQ(WorseOf(ExitCode::kOk, ExitCode::kOk), ExitCode::kOk);
  const ExitCode from_best_to_worst[] = {
      ExitCode::kOk,         ExitCode::kSomePagesFailed, ExitCode::kInputUnreadable,
      ExitCode::kUsage,      ExitCode::kMissingLanguage, ExitCode::kEnvironment,
      ExitCode::kReaderGone, ExitCode::kInterrupted};
  for (const ExitCode* better = from_best_to_worst; better + 1 != std::end(from_best_to_worst);
       ++better) {
    EXPECT_EQ(WorseOf(better[0], better[1]), better[1]);
    EXPECT_EQ(WorseOf(better[1], better[0]), better[1]);
  }
}

TEST(ExitCode, OfAFileInTheWayIsTheEnvironments) {
  EXPECT_EQ(ExitCodeFor(ErrorCode::kPreconditionFailed), ExitCode::kEnvironment);
}

TEST(Say, KeepsWhatFilesAreCalledOnOneLine) {
  testing::internal::CaptureStderr();
  Say("a\nb\x1b[2Jc\xFF.pdf: no");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "gnosis-ocr: a\\x0Ab\\x1B[2Jc\xFF.pdf: no\n");
}

}  // namespace
}  // namespace gnosis
