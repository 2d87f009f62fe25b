// What every ObjectStore promises, as tests. To run them on a store, include this header in one
// test source of a program and say:
//   INSTANTIATE_TEST_SUITE_P(Disk, ObjectStoreContract, testing::Values(&NewHomeOnDisk));
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "session/object_store.h"

namespace gnosis {

// An empty store and what it needs to live.
class StoreHome {
 public:
  virtual ~StoreHome() = default;
  virtual ObjectStore& store() = 0;
};
using NewStoreHome = std::unique_ptr<StoreHome> (*)();

class ObjectStoreContract : public testing::TestWithParam<NewStoreHome> {
 protected:
  ObjectStore& store() { return home_->store(); }

  Generation Put(const std::string& key, std::string_view bytes) {
    const auto generation = store().Write(key, bytes, kAnyGeneration);
    EXPECT_TRUE(generation.ok()) << generation.error().message;
    return generation.ok() ? *generation : kAbsent;
  }
  std::string BytesOf(const std::string& key) {
    const auto object = store().Read(key);
    return object.ok() ? object->bytes : "(" + std::string(ErrorCodeName(object.code())) + ")";
  }
  Generation GenerationOf(const std::string& key) {
    const auto info = store().Stat(key);
    return info.ok() ? info->generation : kAbsent;
  }
  std::vector<std::string> List(const std::string& prefix) {
    const auto keys = store().List(prefix);
    EXPECT_TRUE(keys.ok()) << keys.error().message;
    return keys.ok() ? *keys : std::vector<std::string>{};
  }
  std::unique_ptr<ObjectWriter> Start(const std::string& key, IfGeneration if_generation) {
    auto writer = store().StartWrite(key, if_generation);
    EXPECT_TRUE(writer.ok()) << writer.error().message;
    return writer.ok() ? *std::move(writer) : nullptr;
  }
  static void InThreads(int count, const std::function<void()>& work) {
    std::vector<std::thread> threads;
    for (int i = 0; i < count; ++i) threads.emplace_back(work);
    for (std::thread& thread : threads) thread.join();
  }
  // Reads, adds one, writes if nobody else did, until it did so `times` times.
  void CountUp(const std::string& key, int times) {
    while (times > 0) {
      const auto counter = store().Read(key);
      ASSERT_TRUE(counter.ok()) << counter.error().message;
      const auto written =
          store().Write(key, std::to_string(std::stoi(counter->bytes) + 1), counter->generation);
      ASSERT_TRUE(written.ok() || written.code() == ErrorCode::kPreconditionFailed);
      if (written.ok()) --times;
    }
  }

 private:
  const std::unique_ptr<StoreHome> home_ = GetParam()();
};

template <typename T>
ErrorCode CodeOf(const Result<T>& result) {
  EXPECT_FALSE(result.ok()) << "should have failed";
  return result.ok() ? ErrorCode::kInternal : result.code();
}

TEST_P(ObjectStoreContract, ReadsBackWhatWasWritten) {
  const std::string bytes("zero \0 and \xff too", 16);
  const Generation generation = Put("users/a/1/original.pdf", bytes);
  const auto object = store().Read("users/a/1/original.pdf");
  ASSERT_TRUE(object.ok());
  EXPECT_EQ(object->bytes, bytes);
  EXPECT_EQ(object->generation, generation);
  EXPECT_NE(generation, kAbsent);
}

TEST_P(ObjectStoreContract, StatTellsSizeAndGeneration) {
  const Generation generation = Put("a", "12345");
  const auto info = store().Stat("a");
  ASSERT_TRUE(info.ok());
  EXPECT_EQ(info->size_bytes, 5u);
  EXPECT_EQ(info->generation, generation);
}

TEST_P(ObjectStoreContract, KeepsAnEmptyObject) {
  Put("a/empty", "");
  EXPECT_EQ(BytesOf("a/empty"), "");
  EXPECT_NE(GenerationOf("a/empty"), kAbsent);
}

TEST_P(ObjectStoreContract, WhatIsNotThereIsNotFound) {
  Put("a/b", "x");
  for (const char* key : {"missing", "a/missing", "missing/too", "a"}) {
    EXPECT_EQ(CodeOf(store().Read(key)), ErrorCode::kNotFound) << key;
    EXPECT_EQ(CodeOf(store().Stat(key)), ErrorCode::kNotFound) << key;
    EXPECT_EQ(CodeOf(store().Open(key)), ErrorCode::kNotFound) << key;
  }
}

TEST_P(ObjectStoreContract, EveryWriteGivesAnotherGeneration) {
  const Generation first = Put("a", "1");
  const Generation second = Put("a", "1");
  const Generation third = Put("a", "2");
  EXPECT_NE(first, second);
  EXPECT_NE(second, third);
  EXPECT_NE(first, third);
  EXPECT_EQ(GenerationOf("a"), third);
}

TEST_P(ObjectStoreContract, CreatesOnlyWhatIsAbsent) {
  EXPECT_TRUE(store().Write("a/b", "first", kAbsent).ok());
  EXPECT_EQ(CodeOf(store().Write("a/b", "second", kAbsent)), ErrorCode::kPreconditionFailed);
  EXPECT_EQ(BytesOf("a/b"), "first");
}

TEST_P(ObjectStoreContract, ReplacesOnlyTheGenerationItWasTold) {
  const Generation old = Put("a", "1");
  const auto replaced = store().Write("a", "2", old);
  ASSERT_TRUE(replaced.ok());
  EXPECT_EQ(CodeOf(store().Write("a", "3", old)), ErrorCode::kPreconditionFailed);
  EXPECT_EQ(BytesOf("a"), "2");
  EXPECT_EQ(GenerationOf("a"), *replaced);
}

TEST_P(ObjectStoreContract, DoesNotReplaceWhatIsGone) {
  const Generation old = Put("a/b", "1");
  ASSERT_TRUE(store().Delete("a/b", kAnyGeneration).ok());
  EXPECT_EQ(CodeOf(store().Write("a/b", "2", old)), ErrorCode::kPreconditionFailed);
  EXPECT_EQ(BytesOf("a/b"), "(not_found)");
}

TEST_P(ObjectStoreContract, ARefusedWriteNamesTheObject) {
  Put("a/b", "1");
  const auto refused = store().Write("a/b", "2", kAbsent);
  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(refused.error().message, testing::HasSubstr("a/b"));
}

TEST_P(ObjectStoreContract, AStreamIsSeenOnlyAfterItsCommit) {
  Put("a/b", "old");
  const auto writer = Start("a/b", kAnyGeneration);
  ASSERT_TRUE(writer->Append("new ").ok());
  ASSERT_TRUE(writer->Append("bytes").ok());
  EXPECT_EQ(BytesOf("a/b"), "old");
  const auto generation = writer->Commit();
  ASSERT_TRUE(generation.ok());
  EXPECT_EQ(BytesOf("a/b"), "new bytes");
  EXPECT_EQ(GenerationOf("a/b"), *generation);
}

TEST_P(ObjectStoreContract, AStreamWithoutCommitLeavesNothing) {
  Put("a/b", "old");
  ASSERT_TRUE(Start("a/b", kAnyGeneration)->Append("new").ok());
  ASSERT_TRUE(Start("a/c", kAbsent)->Append("new").ok());
  EXPECT_EQ(BytesOf("a/b"), "old");
  EXPECT_THAT(List("a/"), testing::ElementsAre("a/b"));
}

TEST_P(ObjectStoreContract, AnOpenStreamIsNotListed) {
  const auto writer = Start("a/b", kAbsent);
  ASSERT_TRUE(writer->Append("new").ok());
  EXPECT_THAT(List("a/"), testing::IsEmpty());
  EXPECT_THAT(List("a/."), testing::IsEmpty());
}

TEST_P(ObjectStoreContract, TheFirstOfTwoStreamsWins) {
  const auto loser = Start("a/b", kAbsent);
  const auto winner = Start("a/b", kAbsent);
  ASSERT_TRUE(loser->Append("loser").ok());
  ASSERT_TRUE(winner->Append("winner").ok());
  EXPECT_TRUE(winner->Commit().ok());
  EXPECT_EQ(CodeOf(loser->Commit()), ErrorCode::kPreconditionFailed);
  EXPECT_EQ(BytesOf("a/b"), "winner");
}

TEST_P(ObjectStoreContract, ALoserThatIsStillHeldBlocksNobody) {
  const auto loser = Start("a/b", kAbsent);
  const Generation generation = Put("a/b", "winner");
  EXPECT_EQ(CodeOf(loser->Commit()), ErrorCode::kPreconditionFailed);
  EXPECT_TRUE(store().Write("a/b", "next", generation).ok());
}

TEST_P(ObjectStoreContract, AnOpenObjectCanBeReadAfterItIsReplacedAndDeleted) {
  Put("a", "the first bytes");
  const auto file = store().Open("a");
  ASSERT_TRUE(file.ok());
  Put("a", "others");
  ASSERT_TRUE(store().Delete("a", kAnyGeneration).ok());
  const auto bytes = ReadDescriptor(*file, 1000);
  ASSERT_TRUE(bytes.ok());
  EXPECT_EQ(*bytes, "the first bytes");
}

TEST_P(ObjectStoreContract, ListsByPrefixSortedAndOneLevelDeep) {
  for (const char* key : {"u/p_2", "u/p_10", "u/q", "u/p_dir/x", "u/deep/er", "top"}) Put(key, "x");
  EXPECT_THAT(List("u/"), testing::ElementsAre("u/p_10", "u/p_2", "u/q"));
  EXPECT_THAT(List("u/p_"), testing::ElementsAre("u/p_10", "u/p_2"));
  EXPECT_THAT(List("u/deep/"), testing::ElementsAre("u/deep/er"));
  EXPECT_THAT(List(""), testing::ElementsAre("top"));
  EXPECT_THAT(List("u"), testing::IsEmpty());
}

TEST_P(ObjectStoreContract, ListsFolders) {
  for (const char* key : {"u/b/1/x", "u/b/2/x", "u/a/x", "u/file"}) Put(key, "x");
  EXPECT_THAT(*store().ListFolders("u/"), testing::ElementsAre("u/a/", "u/b/"));
  EXPECT_THAT(*store().ListFolders("u/b/"), testing::ElementsAre("u/b/1/", "u/b/2/"));
  EXPECT_THAT(*store().ListFolders(""), testing::ElementsAre("u/"));
}

TEST_P(ObjectStoreContract, SumsUpWhatAFolderHolds) {
  Put("u/a/1/x", "12345");
  Put("u/a/y", "123");
  Put("u/ab/z", "1234567");
  EXPECT_EQ(*store().SizeOf("u/a/"), 8u);
  EXPECT_EQ(*store().SizeOf("u/"), 15u);
  EXPECT_EQ(*store().SizeOf("missing/"), 0u);
}

TEST_P(ObjectStoreContract, AMissingFolderIsEmpty) {
  EXPECT_THAT(List("missing/"), testing::IsEmpty());
  EXPECT_THAT(List(""), testing::IsEmpty());
  EXPECT_THAT(*store().ListFolders("missing/"), testing::IsEmpty());
  EXPECT_TRUE(store().DeleteFolder("missing/").ok());
}

TEST_P(ObjectStoreContract, DeletesAndCreatesAnew) {
  Put("a/b", "1");
  ASSERT_TRUE(store().Delete("a/b", kAnyGeneration).ok());
  EXPECT_EQ(BytesOf("a/b"), "(not_found)");
  EXPECT_TRUE(store().Write("a/b", "2", kAbsent).ok());
  EXPECT_EQ(BytesOf("a/b"), "2");
}

TEST_P(ObjectStoreContract, DeletingWhatIsNotThereIsOk) {
  for (const char* key : {"missing", "no/folder"}) {
    EXPECT_TRUE(store().Delete(key, kAnyGeneration).ok()) << key;
    EXPECT_TRUE(store().Delete(key, kAbsent).ok()) << key;
    EXPECT_EQ(CodeOf(store().Delete(key, 17)), ErrorCode::kPreconditionFailed) << key;
  }
}

TEST_P(ObjectStoreContract, DeletesOnlyTheGenerationItWasTold) {
  const Generation old = Put("a", "1");
  const Generation now = Put("a", "2");
  EXPECT_EQ(CodeOf(store().Delete("a", old)), ErrorCode::kPreconditionFailed);
  EXPECT_EQ(CodeOf(store().Delete("a", kAbsent)), ErrorCode::kPreconditionFailed);
  EXPECT_EQ(BytesOf("a"), "2");
  EXPECT_TRUE(store().Delete("a", now).ok());
  EXPECT_EQ(BytesOf("a"), "(not_found)");
}

TEST_P(ObjectStoreContract, DeletesAFolderHoweverDeepAndNothingElse) {
  for (const char* key : {"u/1/a", "u/1/b/c/d", "u/10/a", "u/2/a", "u/1x"}) Put(key, key);
  ASSERT_TRUE(store().DeleteFolder("u/1/").ok());
  EXPECT_EQ(BytesOf("u/1/a"), "(not_found)");
  EXPECT_EQ(BytesOf("u/1/b/c/d"), "(not_found)");
  for (const char* key : {"u/10/a", "u/2/a", "u/1x"}) EXPECT_EQ(BytesOf(key), key);
  EXPECT_TRUE(store().Write("u/1/a", "again", kAbsent).ok());
}

TEST_P(ObjectStoreContract, EightThreadsCountWithoutLosingOne) {
  Put("counter", "0");
  InThreads(8, [this] { CountUp("counter", 10); });
  EXPECT_EQ(BytesOf("counter"), "80");
}

TEST_P(ObjectStoreContract, OneOfFortyCreatorsWins) {
  std::atomic<int> next = 0, winners = 0, refused = 0;
  std::string winner;  // written by the one winner
  InThreads(40, [&] {
    const std::string mine = std::to_string(next++);
    const auto written = store().Write("users/a/page_001_result.json", mine, kAbsent);
    if (written.ok()) winner = mine;
    if (written.ok()) ++winners;
    if (!written.ok() && written.code() == ErrorCode::kPreconditionFailed) ++refused;
  });
  ASSERT_EQ(winners, 1);
  EXPECT_EQ(refused, 39);
  EXPECT_EQ(BytesOf("users/a/page_001_result.json"), winner);
}

// Whoever finds that a job is gone removes its folder, too: several at once, while others still
// write.
TEST_P(ObjectStoreContract, AFolderIsDeletedByManyAtOnce) {
  constexpr int kRounds = 20;
  std::atomic<int> failed = 0;
  std::mutex mutex;
  std::string first_failure;  // under the mutex
  const auto note = [&](const Status& deleted) {
    if (deleted.ok()) return;
    ++failed;
    std::lock_guard lock(mutex);
    if (first_failure.empty()) first_failure = deleted.error().message;
  };
  for (int round = 0; round < kRounds; ++round) {
    for (int file = 0; file < 6; ++file) Put("users/a/s/" + std::to_string(file), "x");
    InThreads(4, [&] {
      note(store().Delete("users/a/s/1", kAnyGeneration));
      note(store().DeleteFolder("users/a/s/"));
    });
    EXPECT_EQ(List("users/a/s/").size(), 0u);
  }
  EXPECT_EQ(failed, 0) << first_failure;
}

TEST_P(ObjectStoreContract, AReaderSeesOldOrNewButNeverAMixture) {
  const std::string a(100'000, 'a'), b(50'000, 'b');
  Put("x/y", a);
  std::atomic<bool> is_done = false;
  std::thread writer([&] {
    for (int i = 0; i < 20; ++i) Put("x/y", i % 2 == 0 ? b : a);
    is_done = true;
  });
  int mixtures = 0;
  while (!is_done) {
    const std::string seen = BytesOf("x/y");
    mixtures += seen != a && seen != b;
  }
  writer.join();
  EXPECT_EQ(mixtures, 0);
}

}  // namespace gnosis
