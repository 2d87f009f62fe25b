#include "task/inspection_pool.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <future>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "reader/sealed_reader.h"

namespace gnosis {
namespace {

constexpr int kPages = 3;

// Where documents are opened, by readers that take as long as the test wants. A document's name is
// its password.
class Desk {
 public:
  std::vector<std::unique_ptr<PageReader>> Readers(int count) {
    std::vector<std::unique_ptr<PageReader>> readers;
    for (int i = 0; i < count; ++i) readers.push_back(std::make_unique<HeldReader>(*this));
    return readers;
  }
  void WaitUntilOpening(const std::string& name) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return opening_.contains(name); });
  }
  bool IsOpening(const std::string& name) {
    std::lock_guard lock(mutex_);
    return opening_.contains(name);
  }
  void Finish(const std::string& name) {
    std::lock_guard lock(mutex_);
    finished_.insert(name);
    changed_.notify_all();
  }
  // Documents whose opening has got so far that no interruption reaches it.
  std::set<std::string> beyond_interruption;

 private:
  // Interrupted as page_reader.h says: the call under way, or the next one.
  class HeldReader final : public PageReader {
   public:
    explicit HeldReader(Desk& desk) : desk_(desk) {}
    Result<DocumentInfo> Open(const FileDescriptor&, const std::string& name) override {
      std::unique_lock lock(desk_.mutex_);
      if (std::exchange(interrupted_, false)) return Interruption();
      desk_.opening_.insert(name);
      desk_.changed_.notify_all();
      const bool deaf = desk_.beyond_interruption.contains(name);
      desk_.changed_.wait(
          lock, [&] { return desk_.finished_.contains(name) || (interrupted_ && !deaf); });
      desk_.opening_.erase(name);
      if (!deaf && std::exchange(interrupted_, false)) return Interruption();
      return DocumentInfo{"application/pdf", kPages};
    }
    Result<PageArtefacts> Read(const PageRequest&) override {
      std::lock_guard lock(desk_.mutex_);
      if (std::exchange(interrupted_, false)) return Interruption();
      return Error{ErrorCode::kInternal, "no document", ""};
    }
    void Interrupt() override {
      std::lock_guard lock(desk_.mutex_);
      interrupted_ = true;
      desk_.changed_.notify_all();
    }

   private:
    static Error Interruption() { return {ErrorCode::kInterrupted, "asked to stop", ""}; }
    Desk& desk_;
    bool interrupted_ = false;
  };

  std::mutex mutex_;
  std::condition_variable changed_;
  std::set<std::string> opening_, finished_;
};

// A pool at such a desk. A document's owner is its name's first letter.
class InspectionPoolTest : public testing::Test {
 protected:
  void UseReaders(int count, InspectionOptions options = {}) {
    pool_ = NewInspectionPool(desk_.Readers(count), options);
  }
  Status TryStart(const std::string& name) {
    auto started = pool_->Start(name.substr(0, 1), FileDescriptor(), name,
                                [this, name](Result<DocumentInfo> info) { Hear(name, info); });
    if (!started.ok()) return started.error();
    inspections_[name] = *std::move(started);
    return Ok();
  }
  void Start(const std::string& name) { ASSERT_TRUE(TryStart(name).ok()); }
  void StartAndWait(const std::string& name) {
    Start(name);
    desk_.WaitUntilOpening(name);
  }
  void End(const std::string& name) { inspections_.erase(name); }
  void FinishAndWait(const std::string& name) {
    desk_.Finish(name);
    EXPECT_TRUE(Told(name).ok()) << name;
  }
  // Waits.
  Result<DocumentInfo> Told(const std::string& name) {
    std::unique_lock lock(mutex_);
    heard_.wait(lock, [&] { return told_.contains(name); });
    return told_.at(name);
  }
  bool WasTold(const std::string& name) {
    std::lock_guard lock(mutex_);
    return told_.contains(name);
  }

  Desk desk_;
  std::unique_ptr<InspectionPool> pool_;

 private:
  void Hear(const std::string& name, const Result<DocumentInfo>& info) {
    std::lock_guard lock(mutex_);
    EXPECT_TRUE(told_.emplace(name, info).second) << name << " was told twice";
    heard_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable heard_;
  std::map<std::string, Result<DocumentInfo>> told_;
  std::map<std::string, std::unique_ptr<Inspection>> inspections_;
};

TEST_F(InspectionPoolTest, TellsWhatTheReaderFound) {
  UseReaders(1);
  StartAndWait("a1");
  EXPECT_FALSE(WasTold("a1"));
  desk_.Finish("a1");
  EXPECT_EQ(Told("a1")->page_count, kPages);
}

TEST_F(InspectionPoolTest, WaitsForWhoeverWantsToWait) {
  UseReaders(1);
  desk_.Finish("a1");
  EXPECT_EQ(pool_->Inspect("a", FileDescriptor(), "a1")->page_count, kPages);
}

TEST_F(InspectionPoolTest, OwnersTakeTurnsHoweverManyDocumentsEachSent) {
  UseReaders(1);
  StartAndWait("a1");
  for (const char* name : {"a2", "a3", "b1", "c1"}) Start(name);
  FinishAndWait("a1");
  for (const char* name : {"b1", "c1", "a2", "a3"}) {
    desk_.WaitUntilOpening(name);
    FinishAndWait(name);
  }
}

TEST_F(InspectionPoolTest, OneOwnerNeverHoldsAllReaders) {
  UseReaders(2);
  StartAndWait("a1");
  Start("a2");
  StartAndWait("b1");
  EXPECT_FALSE(desk_.IsOpening("a2"));
  FinishAndWait("b1");
  StartAndWait("c1");
  EXPECT_FALSE(desk_.IsOpening("a2"));
  FinishAndWait("a1");
  desk_.WaitUntilOpening("a2");
  desk_.Finish("a2");
  desk_.Finish("c1");
}

TEST_F(InspectionPoolTest, AnOwnerHasAllReadersButOne) {
  UseReaders(3);
  StartAndWait("a1");
  StartAndWait("a2");
  Start("a3");
  StartAndWait("b1");
  EXPECT_FALSE(desk_.IsOpening("a3"));
}

TEST_F(InspectionPoolTest, ASingleReaderServesASingleOwnerToo) {
  UseReaders(1);
  for (const char* name : {"a1", "a2"}) {
    StartAndWait(name);
    FinishAndWait(name);
  }
}

TEST_F(InspectionPoolTest, TooManyWaitingDocumentsOfOneOwnerAreRefused) {
  UseReaders(1, {.max_waiting_per_owner = 2});
  StartAndWait("a1");
  Start("a2");
  Start("a3");
  const Status refused = TryStart("a4");
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.code(), ErrorCode::kTooManyRequests);
  EXPECT_NE(refused.error().message.find("the limit is 2"), std::string::npos);
  Start("b1");  // another owner's
  End("a3");
  Start("a5");
}

TEST_F(InspectionPoolTest, OneThatEndsWhileItWaitsIsNeverBegun) {
  UseReaders(1);
  StartAndWait("a1");
  Start("a2");
  Start("a3");
  End("a2");
  FinishAndWait("a1");
  desk_.WaitUntilOpening("a3");
  FinishAndWait("a3");
  EXPECT_FALSE(WasTold("a2"));
}

TEST_F(InspectionPoolTest, OneThatEndsWhileItsDocumentIsOpenedIsInterrupted) {
  UseReaders(1);
  StartAndWait("a1");
  End("a1");
  StartAndWait("b1");  // the reader is free without a word from the desk
  FinishAndWait("b1");
  EXPECT_FALSE(WasTold("a1"));
}

TEST_F(InspectionPoolTest, AnInterruptionThatComesTooLateDoesNotHitTheNextDocument) {
  UseReaders(1);
  desk_.beyond_interruption = {"a1"};
  StartAndWait("a1");
  Start("b1");
  End("a1");
  desk_.Finish("a1");
  FinishAndWait("b1");
  EXPECT_FALSE(WasTold("a1"));
}

TEST_F(InspectionPoolTest, OneCanEndFromItsOwnDone) {
  UseReaders(1);
  std::unique_ptr<Inspection> inspection;
  std::promise<void> started, ended;
  auto begun = pool_->Start("a", FileDescriptor(), "a1", [&](const Result<DocumentInfo>&) {
    started.get_future().wait();
    inspection.reset();
    ended.set_value();
  });
  ASSERT_TRUE(begun.ok());
  inspection = *std::move(begun);
  started.set_value();
  desk_.Finish("a1");
  ended.get_future().wait();
}

TEST_F(InspectionPoolTest, EndingOneWaitsForTheDoneThatIsBeingCalled) {
  UseReaders(1);
  std::promise<void> called, may_return;
  std::atomic<bool> returned = false;
  auto inspection = pool_->Start("a", FileDescriptor(), "a1", [&](const Result<DocumentInfo>&) {
    called.set_value();
    may_return.get_future().wait();
    returned = true;
  });
  ASSERT_TRUE(inspection.ok());
  desk_.Finish("a1");
  called.get_future().wait();
  std::jthread ender([&] {
    inspection->reset();
    EXPECT_TRUE(returned);
  });
  may_return.set_value();
}

TEST_F(InspectionPoolTest, StopEndsWhatIsOpenedAndWhatWaitsAndRefusesTheRest) {
  UseReaders(2);
  StartAndWait("a1");
  Start("a2");
  StartAndWait("b1");
  pool_->Stop();
  for (const char* name : {"a1", "a2", "b1"}) EXPECT_EQ(Told(name).code(), ErrorCode::kInterrupted);
  EXPECT_EQ(TryStart("c1").code(), ErrorCode::kInterrupted);
}

TEST_F(InspectionPoolTest, InspectionsMayOutliveThePool) {
  UseReaders(1);
  StartAndWait("a1");
  Start("a2");
  pool_.reset();
  EXPECT_EQ(Told("a1").code(), ErrorCode::kInterrupted);
  EXPECT_EQ(Told("a2").code(), ErrorCode::kInterrupted);
  End("a1");
}

TEST_F(InspectionPoolTest, NobodyHearsOfAnInspectionThatHasEndedNorIsAnotherInterrupted) {
  UseReaders(3);
  desk_.Finish("quick");  // the others take until they are interrupted
  const auto start_and_end = [&](const std::string& owner) {
    for (int number = 0; number < 200; ++number) {
      // What `done` uses is gone as soon as the inspection is; sanitizers see a call after that.
      auto heard = std::make_unique<int>(0);
      const bool quick = number % 2 == 0;
      auto inspection = pool_->Start(owner, FileDescriptor(), quick ? "quick" : "slow",
                                     [&](const Result<DocumentInfo>& info) {
                                       EXPECT_TRUE(info.ok());
                                       ++*heard;
                                     });
      ASSERT_TRUE(inspection.ok());
      if (number % 3 == 0) std::this_thread::yield();
      inspection->reset();
      EXPECT_LE(*heard, quick ? 1 : 0);
    }
  };
  std::vector<std::jthread> callers;
  for (const char* owner : {"a", "a", "b", "c"}) callers.emplace_back(start_and_end, owner);
}

// What the pool relies on: with the document closed, the next call only takes the interruption.
TEST(SealedReader, ReadWithoutADocumentTakesALateInterruptionAndStartsNothing) {
  class NoLauncher final : public ChildLauncher {
   public:
    Result<LaunchedChild> Start(const FileDescriptor&, const FileDescriptor&,
                                const std::vector<std::string>&) override {
      ++starts;
      return Error{ErrorCode::kChildDied, "no children here", ""};
    }
    std::optional<int> End(const LaunchedChild&) override { return std::nullopt; }
    int starts = 0;
  };
  NoLauncher launcher;
  const auto reader = NewSealedReader({}, launcher);
  const FileDescriptor document(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  (void)reader->Open(document, "");
  reader->Interrupt();
  reader->Close();
  launcher.starts = 0;
  EXPECT_EQ(reader->Read({}).code(), ErrorCode::kInterrupted);
  EXPECT_EQ(reader->Read({}).code(), ErrorCode::kInternal);
  EXPECT_EQ(launcher.starts, 0);
  EXPECT_EQ(reader->Open(document, "").code(), ErrorCode::kChildDied);
}

}  // namespace
}  // namespace gnosis
