#include "base/result.h"

#include <gtest/gtest.h>

namespace gnosis {
namespace {

// Compared without a look at ok() first, it must not be read where there is no error.
TEST(Result, TheCodeOfWhatIsOkIsNone) {
  EXPECT_EQ(Ok().code(), kNoErrorCode);
  EXPECT_EQ(Result<int>(3).code(), kNoErrorCode);
  EXPECT_NE(Ok().code(), ErrorCode::kInvalidArgument);
  EXPECT_EQ(Status(Error{ErrorCode::kGone, "", ""}).code(), ErrorCode::kGone);
}

}  // namespace
}  // namespace gnosis
