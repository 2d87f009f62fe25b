#include "api/job_wait.h"

#include <atomic>
#include <thread>

#include "support/api_fixture.h"

namespace gnosis {
namespace {

class JobBellTest : public ApiTest {
 protected:
  void Change(const std::string& id) {
    EXPECT_TRUE(book_
                    ->Update(Session(id),
                             [](Processing& record, const Outcomes&) {
                               ++record.revision;
                               return true;
                             })
                    .ok());
  }
};

TEST_F(JobBellTest, RingsForWhoeverIsAttached) {
  const std::string id = Submit();
  const JobBell bell(*book_, Session(id));
  int wakes = 0;
  auto subscription = bell.Attach([&] { ++wakes; });
  EXPECT_EQ(wakes, 0);
  Change(id);
  EXPECT_EQ(wakes, 1);
  subscription.reset();
  Change(id);
  EXPECT_EQ(wakes, 1);
}

TEST_F(JobBellTest, RemembersOneRingForTheNext) {
  const std::string id = Submit();
  const JobBell bell(*book_, Session(id));
  Change(id);
  Change(id);
  int wakes = 0;
  const auto first = bell.Attach([&] { ++wakes; });
  EXPECT_EQ(wakes, 1);
}

TEST_F(JobBellTest, HearsNothingOfOtherJobs) {
  const std::string id = Submit();
  const std::string other = Submit();
  const JobBell bell(*book_, Session(id));
  int wakes = 0;
  const auto subscription = bell.Attach([&] { ++wakes; });
  Change(other);
  EXPECT_EQ(wakes, 0);
}

TEST_F(JobBellTest, ASubscriptionMayOutliveTheBell) {
  const std::string id = Submit();
  std::unique_ptr<Subscription> subscription;
  int wakes = 0;
  {
    const JobBell bell(*book_, Session(id));
    subscription = bell.Attach([&] { ++wakes; });
  }
  Change(id);
  EXPECT_EQ(wakes, 0);
}

TEST_F(JobBellTest, ComingAndGoingWhileItRingsLosesNoRing) {
  const std::string id = Submit();
  const JobBell bell(*book_, Session(id));
  constexpr int kChanges = 30;
  std::atomic<int> wakes{0};
  std::atomic<bool> done{false};
  std::thread changer([&] {
    for (int i = 0; i < kChanges; ++i) Change(id);
    done = true;
  });
  while (!done) {
    const auto subscription = bell.Attach([&] { ++wakes; });
    std::this_thread::yield();
  }
  changer.join();
  const auto last = bell.Attach([&] { ++wakes; });
  EXPECT_GE(wakes, 1);
  EXPECT_LE(wakes, kChanges);
}

}  // namespace
}  // namespace gnosis
