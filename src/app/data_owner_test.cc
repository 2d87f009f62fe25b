#include "app/data_owner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <functional>

#include "app/state_place.h"
#include "base/file.h"
#include "session/keys.h"

namespace gnosis {
namespace {

constexpr uid_t kSomebody = 54'321;  // has no name

class DataOwnerTest : public testing::Test {
 protected:
  // Only root can switch to another user, and only once: run in a separate process.
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "only root's doing is tested";
  }
  static bool HoldsInAnotherProcess(const std::function<bool()>& check) {
    const pid_t pid = ::fork();
    if (pid == 0) ::_exit(check() ? 0 : 1);
    int wait_status = 0;
    EXPECT_EQ(::waitpid(pid, &wait_status, 0), pid);
    return WIFEXITED(wait_status) && WEXITSTATUS(wait_status) == 0;
  }
  static uid_t OwnerOf(const std::filesystem::path& path) {
    struct stat info {};
    EXPECT_EQ(::lstat(path.c_str(), &info), 0) << path;
    return info.st_uid;
  }
  void GiveFolderToSomebody() {
    ASSERT_EQ(::chown(folder_.path().c_str(), kSomebody, kSomebody), 0);
  }
  bool ActInAnotherProcess() {
    return HoldsInAnotherProcess([&] {
      return ActAsOwnerOf(folder_.path()).ok() && ::geteuid() == kSomebody &&
             ::getuid() == kSomebody && ::getegid() == kSomebody && ::setuid(0) != 0;
    });
  }
  std::filesystem::path PutKeys() {
    const auto file = folder_.path() / kApiKeysKey;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << "{}";
    return file;
  }

  TemporaryFolder folder_;
};

TEST_F(DataOwnerTest, RootBecomesTheOwnerForGood) {
  GiveFolderToSomebody();
  EXPECT_TRUE(ActInAnotherProcess());
}

TEST_F(DataOwnerTest, ThereIsNothingToDoInAFolderOfRootsOrNone) {
  EXPECT_TRUE(ActAsOwnerOf(folder_.path()).ok());
  EXPECT_TRUE(ActAsOwnerOf(folder_.path() / "absent").ok());
  EXPECT_EQ(::geteuid(), 0u);
  EXPECT_FALSE(OtherOwnerOf(folder_.path()));
  EXPECT_FALSE(OtherOwnerOf(folder_.path() / "absent"));
}

TEST_F(DataOwnerTest, WhatRootLeftThereIsGivenToTheOwner) {
  const auto file = PutKeys();
  GiveFolderToSomebody();
  EXPECT_TRUE(ActInAnotherProcess());
  EXPECT_EQ(OwnerOf(file), kSomebody);
  EXPECT_EQ(OwnerOf(file.parent_path()), kSomebody);
}

TEST_F(DataOwnerTest, WhatALinkLeadsToIsNotGivenAway) {
  TemporaryFolder system;
  const auto secret = system.path() / "shadow";
  std::ofstream(secret) << "secret";
  const auto file = PutKeys();
  std::filesystem::remove(file);
  std::filesystem::create_hard_link(secret, file);
  GiveFolderToSomebody();
  EXPECT_TRUE(ActInAnotherProcess());
  EXPECT_EQ(OwnerOf(secret), 0u);
  std::filesystem::remove(file);
  std::filesystem::create_symlink(secret, file);
  EXPECT_TRUE(ActInAnotherProcess());
  EXPECT_EQ(OwnerOf(secret), 0u);
  std::filesystem::remove_all(file.parent_path());
  std::filesystem::create_directory_symlink(system.path(), file.parent_path());
  EXPECT_TRUE(ActInAnotherProcess());
  EXPECT_EQ(OwnerOf(system.path()), 0u);
}

TEST_F(DataOwnerTest, AnotherOwnerIsNamed) {
  GiveFolderToSomebody();
  EXPECT_EQ(OtherOwnerOf(folder_.path()), "uid 54321");
}

TEST(StatePlace, IsTheDataFolderWhichIsMade) {
  TemporaryFolder folder;
  Settings settings;
  settings.data_dir = folder.path() / "a" / "b";
  const auto place = OpenState(settings);
  ASSERT_TRUE(place.ok());
  EXPECT_EQ(place->clients, nullptr);
  EXPECT_TRUE(place->store->Write("users/x", "bytes", kAbsent).ok());
  EXPECT_EQ(*ReadFile(settings.data_dir / "users" / "x"), "bytes");
}

TEST(StatePlace, ThatCannotBeMadeIsAnErrorOfTheWorld) {
  TemporaryFolder folder;
  std::ofstream(folder.path() / "file") << "x";
  Settings settings;
  settings.data_dir = folder.path() / "file" / "data";
  const auto place = OpenState(settings);
  ASSERT_FALSE(place.ok());
  EXPECT_THAT(place.error().message, testing::HasSubstr(settings.data_dir.string()));
}

}  // namespace
}  // namespace gnosis
