#include "session/disk_store.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "support/disk_model.h"
#include "support/object_store_contract.h"

namespace gnosis {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class HomeOnDisk final : public StoreHome {
 public:
  ObjectStore& store() override { return *store_; }

 private:
  const TemporaryFolder folder_;
  const std::unique_ptr<ObjectStore> store_ = NewDiskStore(folder_.path() / "data");
};

class HomeOnModel final : public StoreHome {
 public:
  ObjectStore& store() override { return *store_; }

 private:
  DiskModel disk_;
  const std::unique_ptr<ObjectStore> store_ = NewDiskStore("/data", disk_);
};

std::unique_ptr<StoreHome> NewHomeOnDisk() { return std::make_unique<HomeOnDisk>(); }
std::unique_ptr<StoreHome> NewHomeOnModel() { return std::make_unique<HomeOnModel>(); }

INSTANTIATE_TEST_SUITE_P(Disk, ObjectStoreContract, testing::Values(&NewHomeOnDisk));
INSTANTIATE_TEST_SUITE_P(Model, ObjectStoreContract, testing::Values(&NewHomeOnModel));

class DiskStoreTest : public testing::Test {
 protected:
  std::filesystem::path PathOf(const std::string& key) const { return root_ / key; }
  Generation Put(const std::string& key, std::string_view bytes) {
    const auto generation = store_->Write(key, bytes, kAnyGeneration);
    EXPECT_TRUE(generation.ok()) << generation.error().message;
    return generation.ok() ? *generation : kAbsent;
  }
  // As a person would who knows nothing about the store.
  void PutByHand(const std::string& name, std::string_view bytes) {
    std::filesystem::create_directories(PathOf(name).parent_path());
    std::ofstream(PathOf(name)) << bytes;
  }
  void SetMtimeByHand(const std::string& name, time_t seconds) {
    const timespec times[2] = {{seconds, 0}, {seconds, 0}};
    ASSERT_EQ(::utimensat(AT_FDCWD, PathOf(name).c_str(), times, 0), 0);
  }
  // Everything in the folder, including temporary files.
  std::vector<std::string> NamesOnDisk(const std::string& folder) {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(PathOf(folder))) {
      names.push_back(entry.path().filename());
    }
    return names;
  }

  const TemporaryFolder folder_;
  const std::filesystem::path root_ = folder_.path() / "data";
  const std::unique_ptr<ObjectStore> store_ = NewDiskStore(root_);
};

TEST_F(DiskStoreTest, AnObjectIsAPlainFileOfItsName) {
  Put("users/a/1/metadata.json", "{}");
  const auto bytes = ReadFile(PathOf("users/a/1/metadata.json"));
  ASSERT_TRUE(bytes.ok());
  EXPECT_EQ(*bytes, "{}");
  EXPECT_THAT(NamesOnDisk("users/a/1"), ElementsAre("metadata.json"));
}

TEST_F(DiskStoreTest, ItsGenerationIsItsTimeInNanoseconds) {
  const Generation generation = Put("a", "x");
  struct stat info {};
  ASSERT_EQ(::stat(PathOf("a").c_str(), &info), 0);
  EXPECT_EQ(generation, info.st_mtim.tv_sec * 1'000'000'000 + info.st_mtim.tv_nsec);
}

TEST_F(DiskStoreTest, OnlyTheOwnerMayLookIntoFilesAndFolders) {
  Put("users/a/x", "private");
  for (const char* name : {"users/a/x", "users/a", "users", ""}) {
    struct stat info {};
    ASSERT_EQ(::stat(PathOf(name).c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 077, 0u) << name;
  }
}

TEST_F(DiskStoreTest, LookingMakesNoFolder) {
  EXPECT_FALSE(store_->Read("users/a/x").ok());
  EXPECT_TRUE(store_->List("users/a/").ok());
  EXPECT_TRUE(store_->Delete("users/a/x", kAnyGeneration).ok());
  EXPECT_TRUE(store_->DeleteFolder("users/a/").ok());
  EXPECT_TRUE(RemoveTemporaryFiles(root_, "users/").ok());
  EXPECT_FALSE(std::filesystem::exists(root_));
}

TEST_F(DiskStoreTest, AnEditByHandIsAnotherGeneration) {
  const Generation ours = Put("a/b", "ours");
  PutByHand("a/b", "theirs");
  SetMtimeByHand("a/b", 1'500'000'000);
  EXPECT_EQ(CodeOf(store_->Write("a/b", "ours again", ours)), ErrorCode::kPreconditionFailed);
  EXPECT_EQ(store_->Read("a/b")->bytes, "theirs");
}

TEST_F(DiskStoreTest, AFileDated1970IsThereAndCanBeReplaced) {
  PutByHand("a/b", "unpacked");
  SetMtimeByHand("a/b", 0);
  EXPECT_EQ(CodeOf(store_->Write("a/b", "new", kAbsent)), ErrorCode::kPreconditionFailed);
  const auto object = store_->Read("a/b");
  ASSERT_TRUE(object.ok());
  EXPECT_NE(object->generation, kAbsent);
  EXPECT_TRUE(store_->Write("a/b", "new", object->generation).ok());
}

TEST_F(DiskStoreTest, AFileFromTheFarFutureCanBeReplacedAgainAndAgain) {
  PutByHand("a/b", "2300");
  SetMtimeByHand("a/b", 10'413'792'000);
  Generation last = store_->Stat("a/b")->generation;
  for (int i = 0; i < 3; ++i) {
    const auto next = store_->Write("a/b", "new", last);
    ASSERT_TRUE(next.ok()) << next.error().message;
    EXPECT_GT(*next, last);
    last = *next;
  }
}

TEST_F(DiskStoreTest, TemporaryFilesOfACrashAreNotListedAndCanBeRemoved) {
  Put("users/a/1/x", "stays");
  for (const char* name : {".tmp-0", "users/a/1/.tmp-1", "users/b/2/deep/.tmp-2"}) {
    PutByHand(name, "left behind");
  }
  EXPECT_THAT(*store_->List("users/a/1/"), ElementsAre("users/a/1/x"));
  EXPECT_THAT(*store_->List(""), IsEmpty());
  ASSERT_TRUE(RemoveTemporaryFiles(root_, "users/a/").ok());
  EXPECT_THAT(NamesOnDisk("users/a/1"), ElementsAre("x"));
  EXPECT_THAT(NamesOnDisk("users/b/2/deep"), ElementsAre(".tmp-2"));
  ASSERT_TRUE(RemoveTemporaryFiles(root_, "").ok());
  EXPECT_THAT(NamesOnDisk("users/b/2/deep"), IsEmpty());
  EXPECT_THAT(NamesOnDisk(""), ElementsAre("users"));
  EXPECT_EQ(store_->Read("users/a/1/x")->bytes, "stays");
}

TEST_F(DiskStoreTest, WritersLeaveNothingBehind) {
  Put("a/b", "old");
  EXPECT_FALSE(store_->Write("a/b", "refused", kAbsent).ok());
  { const auto given_up = store_->StartWrite("a/c", kAbsent); }
  EXPECT_THAT(NamesOnDisk("a"), ElementsAre("b"));
}

TEST_F(DiskStoreTest, AWriteFailsWhenItsFolderIsDeletedMeanwhile) {
  const auto writer = store_->StartWrite("u/1/x", kAnyGeneration);
  ASSERT_TRUE((*writer)->Append("late").ok());
  ASSERT_TRUE(store_->DeleteFolder("u/1/").ok());
  Put("u/1/y", "a new folder of the same name");
  EXPECT_EQ(CodeOf((*writer)->Commit()), ErrorCode::kNotFound);
  EXPECT_THAT(NamesOnDisk("u/1"), ElementsAre("y"));
}

TEST_F(DiskStoreTest, AnObjectCannotTakeTheNameOfAFolder) {
  Put("a/b", "x");
  const auto written = store_->Write("a", "y", kAnyGeneration);
  ASSERT_FALSE(written.ok());
  EXPECT_THAT(written.error().message, HasSubstr((root_ / "a").string()));
  EXPECT_FALSE(store_->Write("a/b/c", "y", kAnyGeneration).ok());
  EXPECT_EQ(store_->Read("a/b")->bytes, "x");
  EXPECT_THAT(NamesOnDisk(""), ElementsAre("a"));
}

TEST_F(DiskStoreTest, SaysWhereItMayNotWrite) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may write everywhere";
  Put("a/b", "x");
  ASSERT_EQ(::chmod(PathOf("a").c_str(), 0500), 0);
  const auto written = store_->Write("a/b", "y", kAnyGeneration);
  ASSERT_EQ(::chmod(PathOf("a").c_str(), 0700), 0);
  ASSERT_FALSE(written.ok());
  EXPECT_EQ(written.code(), ErrorCode::kPermission);
  EXPECT_THAT(written.error().message, HasSubstr(PathOf("a").string()));
}

TEST_F(DiskStoreTest, ARelativeRootStaysWhereItWasWhenTheWorkingFolderChanges) {
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(folder_.path());
  const auto store = NewDiskStore("here/");
  std::filesystem::current_path(before);
  ASSERT_TRUE(store->Write("a", "x", kAbsent).ok());
  EXPECT_TRUE(std::filesystem::exists(folder_.path() / "here" / "a"));
}

using DiskStoreDeathTest = DiskStoreTest;

TEST_F(DiskStoreDeathTest, AKeyThatIsNoKeyIsABug) {
  for (const char* key : {"", "/a", "a/", "a//b", "../a", "a/..", "a/./b", ".tmp-a", "a/.tmp-b"}) {
    EXPECT_DEATH((void)store_->Read(key), "IsGoodKey") << key;
  }
  EXPECT_DEATH((void)store_->Write(std::string("a\0b", 3), "", kAbsent), "IsGoodKey");
  EXPECT_DEATH((void)store_->DeleteFolder("a"), "IsGoodFolder");
  EXPECT_DEATH((void)store_->List("../a"), "IsGoodFolder");
}

// Runs `work` in so many processes at once; the sum of what it returned in each (0 to 200).
template <typename Work>
int SumOverProcesses(int count, Work work) {
  std::vector<pid_t> children;
  for (int i = 0; i < count; ++i) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(work());
    children.push_back(child);
  }
  int sum = 0;
  for (const pid_t child : children) {
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status));
    sum += WEXITSTATUS(status);
  }
  return sum;
}

TEST_F(DiskStoreTest, FourProcessesCountWithoutLosingOne) {
  Put("counter", "0");
  const int counted = SumOverProcesses(4, [&] {
    const auto store = NewDiskStore(root_);
    int done = 0;
    while (done < 15) {
      const auto counter = store->Read("counter");
      if (!counter.ok()) return 0;
      const std::string next = std::to_string(std::stoi(counter->bytes) + 1);
      done += store->Write("counter", next, counter->generation).ok();
    }
    return done;
  });
  EXPECT_EQ(counted, 60);
  EXPECT_EQ(store_->Read("counter")->bytes, "60");
}

TEST_F(DiskStoreTest, OfSixCreatingProcessesOneWinsEachObject) {
  const int created = SumOverProcesses(6, [&] {
    const auto store = NewDiskStore(root_);
    int wins = 0;
    for (int i = 0; i < 10; ++i) {
      wins += store->Write("new/folder/" + std::to_string(i), "x", kAbsent).ok();
    }
    return wins;
  });
  EXPECT_EQ(created, 10);
  EXPECT_EQ(store_->List("new/folder/")->size(), 10u);
}

class DiskStoreOnModelTest : public testing::Test {
 protected:
  DiskModel disk_;
  const std::unique_ptr<ObjectStore> store_ = NewDiskStore("/data", disk_);
};

TEST_F(DiskStoreOnModelTest, GenerationsGrowWhenTheClockIsSetBack) {
  Generation last = kAbsent;
  for (int i = 0; i < 5; ++i) {
    disk_.SetNowNs(1'700'000'000'000'000'000 - i * 3'600'000'000'000);
    const auto generation = store_->Write("a", "x", last);
    ASSERT_TRUE(generation.ok());
    EXPECT_GT(*generation, last);
    last = *generation;
  }
}

TEST_F(DiskStoreOnModelTest, GenerationsGrowWhereTheDiskCountsInTwoSeconds) {
  disk_.SetTimestampGranularity(2'000'000'000);
  Generation last = kAbsent;
  for (int i = 0; i < 5; ++i) {
    const auto generation = store_->Write("a", "x", last);
    ASSERT_TRUE(generation.ok());
    EXPECT_GT(*generation, last);
    EXPECT_EQ(store_->Stat("a")->generation, *generation);
    last = *generation;
  }
}

TEST_F(DiskStoreOnModelTest, AWriteIsRefusedForWhatChangedWhileItWaitedForTheLock) {
  const Generation old = *store_->Write("a", "old", kAbsent);
  disk_.BeforeNextLock([&] { ASSERT_TRUE(store_->Write("a", "theirs", old).ok()); });
  EXPECT_EQ(CodeOf(store_->Write("a", "ours", old)), ErrorCode::kPreconditionFailed);
  EXPECT_EQ(store_->Read("a")->bytes, "theirs");
}

TEST_F(DiskStoreOnModelTest, AWriteSucceedsThatBecameRightWhileItWaitedForTheLock) {
  ASSERT_TRUE(store_->Write("a", "old", kAbsent).ok());
  disk_.BeforeNextLock([&] { ASSERT_TRUE(store_->Delete("a", kAnyGeneration).ok()); });
  const auto written = store_->Write("a", "ours", kAbsent);
  ASSERT_TRUE(written.ok());
  EXPECT_EQ(store_->Stat("a")->generation, *written);
}

// A rename between the listing and the removal of a file is no reason to leave the folder there.
TEST_F(DiskStoreTest, DeletesAFolderInWhichOthersAreWriting) {
  for (int round = 0; round < 30; ++round) {
    std::atomic<bool> deleted = false;
    std::thread writer([&] {
      for (int i = 0; !deleted && i < 10'000; ++i) {
        (void)store_->Write("u/1/page_" + std::to_string(i % 7), "bytes", kAnyGeneration);
      }
    });
    while (!store_->Stat("u/1/page_6").ok()) std::this_thread::yield();
    const Status status = store_->DeleteFolder("u/1/");
    deleted = true;
    writer.join();
    EXPECT_TRUE(status.ok()) << status.error().message;
  }
}

TEST_F(DiskStoreOnModelTest, ADeleteIsRefusedForWhatChangedWhileItWaitedForTheLock) {
  const Generation old = *store_->Write("a", "old", kAbsent);
  disk_.BeforeNextLock([&] { ASSERT_TRUE(store_->Write("a", "theirs", old).ok()); });
  EXPECT_EQ(CodeOf(store_->Delete("a", old)), ErrorCode::kPreconditionFailed);
  EXPECT_EQ(store_->Read("a")->bytes, "theirs");
}

TEST_F(DiskStoreOnModelTest, AGenerationThatWasTakenWhileItWaitedForTheLockIsSteppedOver) {
  Generation theirs = kAbsent;
  disk_.BeforeNextLock([&] {
    disk_.SetNowNs(1'900'000'000'000'000'000);
    theirs = *store_->Write("a", "theirs", kAnyGeneration);
    disk_.SetNowNs(1'700'000'000'000'000'000);
  });
  const auto ours = store_->Write("a", "ours", kAnyGeneration);
  ASSERT_TRUE(ours.ok());
  EXPECT_GT(*ours, theirs);
  EXPECT_EQ(store_->Read("a")->bytes, "ours");
}

TEST_F(DiskStoreOnModelTest, AFailedAppendIsNeverCommittedEvenIfTheCallerTries) {
  const auto writer = store_->StartWrite("a", kAnyGeneration);
  disk_.BeFullAfter(1);
  EXPECT_TRUE((*writer)->Append("first ").ok());
  EXPECT_EQ(CodeOf((*writer)->Append("second ")), ErrorCode::kDiskFull);
  EXPECT_EQ(CodeOf((*writer)->Append("third")), ErrorCode::kDiskFull);
  EXPECT_EQ(CodeOf((*writer)->Commit()), ErrorCode::kDiskFull);
  EXPECT_EQ(CodeOf(store_->Read("a")), ErrorCode::kNotFound);
}

}  // namespace
}  // namespace gnosis
