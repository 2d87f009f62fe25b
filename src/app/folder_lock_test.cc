#include "app/folder_lock.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace gnosis {
namespace {

using Lock = std::optional<FolderLock>;

Lock Take(const std::filesystem::path& path, LockKind kind) {
  auto lock = FolderLock::Try(path, kind);
  EXPECT_TRUE(lock.ok());
  return std::move(*lock);
}

TEST(FolderLock, IsHeldAloneOrShared) {
  TemporaryFolder folder;
  Lock first = Take(folder.path(), LockKind::kShared);
  const Lock second = Take(folder.path(), LockKind::kShared);
  EXPECT_TRUE(first && second);
  EXPECT_FALSE(Take(folder.path(), LockKind::kAlone));
}

// A run that found another one cleaning up used to continue without a lock: its uploads were then
// removed by a third one, which believed to be alone.
TEST(FolderLock, IsWaitedForAndHeldAfterwards) {
  TemporaryFolder folder;
  Lock tidying = Take(folder.path(), LockKind::kAlone);
  int asked = 0;
  const auto shared = FolderLock::WaitFor(folder.path(), LockKind::kShared, [&] {
    if (++asked == 3) tidying.reset();
    return Ok();
  });
  ASSERT_TRUE(shared.ok());
  EXPECT_EQ(asked, 3);
  EXPECT_FALSE(Take(folder.path(), LockKind::kAlone));
}

TEST(FolderLock, IsNotWaitedForAfterAnInterruption) {
  TemporaryFolder folder;
  const Lock held = Take(folder.path(), LockKind::kAlone);
  const auto lock = FolderLock::WaitFor(folder.path(), LockKind::kShared, []() -> Status {
    return Error{ErrorCode::kInterrupted, "interrupted", ""};
  });
  ASSERT_FALSE(lock.ok());
  EXPECT_EQ(lock.code(), ErrorCode::kInterrupted);
}

TEST(NameLock, ComesAndGoesWithItsFile) {
  TemporaryFolder folder;
  const auto path = folder.path() / "name";
  {
    const auto first = NameLock::Try(path);
    ASSERT_TRUE(first.ok() && *first);
    const auto second = NameLock::Try(path);
    ASSERT_TRUE(second.ok());
    EXPECT_FALSE(*second);
  }
  EXPECT_FALSE(std::filesystem::exists(path));
  const auto again = NameLock::Try(path);
  EXPECT_TRUE(again.ok() && *again);
}

TEST(NameLock, HasOneHolderHoweverOftenItsFileIsMadeAnew) {
  TemporaryFolder folder;
  std::atomic<int> holders = 0;
  std::atomic<int> taken = 0;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      while (taken < 300) {
        const auto lock = NameLock::Try(folder.path() / "name");
        ASSERT_TRUE(lock.ok()) << lock.error().message;
        if (!*lock) continue;
        EXPECT_EQ(++holders, 1);
        ++taken;
        --holders;
      }
    });
  }
}

}  // namespace
}  // namespace gnosis
