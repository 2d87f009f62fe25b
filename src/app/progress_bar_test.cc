#include "app/progress_bar.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gnosis {
namespace {

using ::testing::HasSubstr;

JobStatus StatusOf(int done, int total) {
  JobStatus status;
  status.file_name = "letter.pdf";
  status.total_pages = total;
  status.pages.completed = done;
  return status;
}

TEST(ProgressBar, IsEmptyAtFirstAndFullAtTheEnd) {
  EXPECT_EQ(ProgressLine(StatusOf(0, 3), 0, 100),
            "letter.pdf  [........................]  0/3 pages");
  EXPECT_EQ(ProgressLine(StatusOf(3, 3), 1.5, 100),
            "letter.pdf  [########################]  3/3 pages  1.5 pages/s  0:00 left");
  EXPECT_THAT(ProgressLine(StatusOf(0, 0), 0, 100), HasSubstr("0/0 pages"));
}

TEST(ProgressBar, TellsHoursApart) {
  EXPECT_THAT(ProgressLine(StatusOf(0, 3723), 1, 100), HasSubstr("1:02:03 left"));
  EXPECT_THAT(ProgressLine(StatusOf(0, 3599), 1, 100), HasSubstr("  59:59 left"));
}

TEST(ProgressBar, LeavesOutANameThatDoesNotFit) {
  JobStatus status = StatusOf(1, 3);
  status.file_name = std::string(60, 'x');
  EXPECT_EQ(ProgressLine(status, 0, 80).front(), '[');
  for (const int columns : {0, 1, 2, 10, 30, 80}) {
    EXPECT_LE(int(ProgressLine(status, 2, columns).size()), std::max(0, columns - 1));
  }
}

TEST(ProgressBar, IsSilentWhereThereIsNoTerminal) {
  testing::internal::CaptureStderr();
  {
    ProgressBar bar(ProgressBar::When::kOnTerminal);
    bar.Show(StatusOf(1, 3));
    bar.Clear();
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

}  // namespace
}  // namespace gnosis
