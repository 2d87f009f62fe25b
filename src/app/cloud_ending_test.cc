#include "app/cloud_ending.h"

#include <gtest/gtest.h>

#include "support/google_fixture.h"

namespace gnosis {
namespace {

class CloudEndingTest : public testing::Test {
 protected:
  CloudEndingTest() {
    CloudSettings settings;
    settings.tasks = false;
    settings.bucket = "attic";
    settings.storage_emulator = storage_.url();
    clients_ = *CloudClients::Make(settings);
    store_ = clients_->NewStore();
  }
  ErrorCode CodeOfACall() { return store_->Read("nothing").code(); }

  FakeServer storage_{"storage_server.py", {"--bucket", "attic"}};
  std::unique_ptr<CloudClients> clients_;
  std::unique_ptr<ObjectStore> store_;
  Ending ending_;
};

TEST_F(CloudEndingTest, EndsTheCallsOnceTheEndHasBegun) {
  const CloudEnding cloud_ending(ending_, *clients_, Milliseconds(0));
  EXPECT_EQ(CodeOfACall(), ErrorCode::kNotFound);
  ending_.Begin();
  ErrorCode code = ErrorCode::kNotFound;
  for (int i = 0; i < 10'000 && code == ErrorCode::kNotFound; ++i) code = CodeOfACall();
  EXPECT_EQ(code, ErrorCode::kInterrupted);
}

TEST_F(CloudEndingTest, LeavesCallsAloneWhenTheEndNeverBegins) {
  { const CloudEnding cloud_ending(ending_, *clients_, Milliseconds(0)); }
  EXPECT_EQ(CodeOfACall(), ErrorCode::kNotFound);
}

// A service that has ended does not sit out its grace.
TEST_F(CloudEndingTest, IsNotWaitedFor) {
  ending_.Begin();
  const CloudEnding cloud_ending(ending_, *clients_, std::chrono::hours(1));
}

}  // namespace
}  // namespace gnosis
