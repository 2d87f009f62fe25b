// A fault at every call to the store, of everything that changes a session's state: afterwards a
// restart, or the same request once more, ends in what was asked for, or in nothing.
#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "base/file.h"
#include "support/faulty_store.h"
#include "support/process_fixture.h"
#include "task/copy_session.h"
#include "task/submissions.h"

namespace gnosis {
namespace {

using Fault = FaultyStore::Fault;
constexpr Fault kEveryFault[] = {Fault::kDiskFull,   Fault::kIo,          Fault::kPermission,
                                 Fault::kLostAnswer, Fault::kDeathBefore, Fault::kDeathAfter};
constexpr const char* kSubmitter = TestProcess::kUser;
constexpr char kLetterKey[] = "letter-1";

// Well until its faults are wanted.
class LateFaults final : public ForwardingStore {
 public:
  LateFaults(FaultyStore& broken, ObjectStore& well)
      : ForwardingStore(well), broken_(broken), well_(well) {}
  bool faulty = false;
  Result<Object> Read(const std::string& key) override { return now().Read(key); }
  Result<ObjectInfo> Stat(const std::string& key) override { return now().Stat(key); }
  Result<Generation> Write(const std::string& key, std::string_view bytes,
                           IfGeneration generation) override {
    return now().Write(key, bytes, generation);
  }
  Result<std::vector<std::string>> List(const std::string& prefix) override {
    return now().List(prefix);
  }
  Status Delete(const std::string& key, IfGeneration generation) override {
    return now().Delete(key, generation);
  }

 private:
  ObjectStore& now() { return faulty ? static_cast<ObjectStore&>(broken_) : well_; }
  FaultyStore& broken_;
  ObjectStore& well_;
};

// The contents of the store, and the processes that come and go over it.
class FaultsTest : public testing::Test {
 protected:
  FaultsTest() { std::ofstream(models_.path() / "eng.traineddata") << "pretend"; }

  struct Process : TestProcess {
    Process(FaultsTest& test, ObjectStore& store)
        : TestProcess(store, test.clock_, test.models_.path()) {}
  };

  std::vector<SessionKey> Sessions() { return SessionsIn(store_); }
  static bool IsCompleted(Process& process, const SessionKey& session) {
    return process.IsCompleted(session);
  }
  void ExpectAtRest() { gnosis::ExpectAtRest(store_); }

  // Runs `life` in worlds of their own, with each fault at each call, until a fault comes too late
  // to strike. `life` gets the store that a process dies of. At least `calls` calls must have
  // failed.
  static void ForEveryFault(int calls, const std::function<void(Fault, int)>& life_at) {
    for (const Fault fault : kEveryFault) {
      int struck = 0;
      for (int k = 1; k < 500; ++k) {
        SCOPED_TRACE("fault " + std::to_string(int(fault)) + " at call " + std::to_string(k));
        last_calls_ = 0;
        life_at(fault, k);
        if (HasFatalFailure() || HasNonfatalFailure()) return;
        if (last_calls_ < k) break;
        ++struck;
      }
      EXPECT_GE(struck, calls);
    }
  }
  // One process that meets the fault while it does `what`. False: it died.
  bool Meet(Fault fault, int k, const std::function<void(Process&)>& what) {
    FaultyStore faulty(store_, fault, k);
    {
      Process process(*this, faulty);
      what(process);
    }
    last_calls_ = faulty.calls();
    return !faulty.dead();
  }
  void Empty() { store_.DeleteFolder("").ok(); }

  TemporaryFolder models_;
  MemoryStore store_;
  HandClock clock_;
  static int last_calls_;
};
int FaultsTest::last_calls_ = 0;

TEST_F(FaultsTest, AnAdmissionIsRepeatedAndEndsInOneJob) {
  for (const bool restart : {true, false}) {
    for (const char* password : {"", "open sesame"}) {
      ForEveryFault(9, [&](Fault fault, int k) {
        Empty();
        Result<Admitted> first = Error{};
        Meet(fault, k, [&](Process& process) { first = process.Submit(kLetterKey, password); });
        Process process(*this, store_);
        if (restart) {
          process.TidyUp();
          process.WorkUntilDone();
          ExpectAtRest();
        }
        const auto again = process.Submit(kLetterKey, password);
        ASSERT_TRUE(again.ok()) << again.error().message;
        if (first.ok()) {
          EXPECT_EQ(again->session, first->session);
        }
        process.WorkUntilDone();
        process.TidyUp();
        process.WorkUntilDone();
        ExpectAtRest();
        EXPECT_EQ(Sessions(), std::vector<SessionKey>{again->session});
        EXPECT_TRUE(IsCompleted(process, again->session));
      });
    }
  }
}

TEST_F(FaultsTest, AnAdmissionWithoutAKeyThatFailedLeavesNothingOrAJobThatIsDone) {
  ForEveryFault(6, [&](Fault fault, int k) {
    Empty();
    Result<Admitted> first = Error{};
    Meet(fault, k, [&](Process& process) { first = process.Submit(std::nullopt, ""); });
    Process process(*this, store_);
    process.TidyUp();
    process.WorkUntilDone();
    ExpectAtRest();
    if (first.ok()) {
      EXPECT_TRUE(IsCompleted(process, first->session));
    }
    for (const SessionKey& session : Sessions()) EXPECT_TRUE(IsCompleted(process, session));
  });
}

TEST_F(FaultsTest, ARefusedDocumentLeavesNothingAfterARestart) {
  ForEveryFault(5, [&](Fault fault, int k) {
    Empty();
    Meet(fault, k, [&](Process& process) {
      process.inspector.info = Error{ErrorCode::kPasswordRequired, "encrypted", ""};
      EXPECT_FALSE(process.Submit(kLetterKey, "").ok());
    });
    Process process(*this, store_);
    process.TidyUp();
    process.WorkUntilDone();
    ExpectAtRest();
    EXPECT_TRUE(Sessions().empty());
  });
}

TEST_F(FaultsTest, ADeletionIsFinishedByARestartOrByTheNextSweep) {
  for (const bool running : {true, false}) {
    for (const bool restart : {true, false}) {
      ForEveryFault(6, [&](Fault fault, int k) {
        Empty();
        SessionKey session;
        {
          Process process(*this, store_);
          session = process.Submit(kLetterKey, running ? "open sesame" : "")->session;
          if (!running) process.WorkUntilDone();
        }
        Status deleted;
        const bool lived = Meet(fault, k, [&](Process& process) {
          deleted = DeleteSession(process.actions, session);
          if (!deleted.ok()) return;
          EXPECT_FALSE(process.book->ReadStatus(session).ok());
        });
        if (lived && deleted.ok()) {
          EXPECT_TRUE(store_.List(SessionFolder(session))->empty());
        }
        Process process(*this, store_);
        if (restart) {
          process.TidyUp();
        } else {
          ASSERT_TRUE(Sweep(process.actions).ok());
        }
        // A call that failed before it changed anything has not deleted.
        if (SessionExists(store_, session)) {
          EXPECT_FALSE(lived && deleted.ok());
          ASSERT_TRUE(DeleteSession(process.actions, session).ok());
        }
        ExpectAtRest();
        EXPECT_TRUE(Sessions().empty());
        EXPECT_FALSE(FindSubmitted(store_, kSubmitter, kLetterKey)->has_value());
      });
    }
  }
}

TEST_F(FaultsTest, ARedoKeepsThePagesAndNoPassword) {
  ForEveryFault(8, [&](Fault fault, int k) {
    Empty();
    SessionKey session;
    {
      Process process(*this, store_);
      session = process.Submit(std::nullopt, "open sesame")->session;
      process.WorkUntilDone();
      ExpectAtRest();
    }
    Meet(fault, k, [&](Process& process) {
      (void)RedoSession(process.actions, session, kSubmitter, {{2}, {}, "open sesame"});
    });
    Process process(*this, store_);
    process.TidyUp();
    process.WorkUntilDone();
    ExpectAtRest();
    EXPECT_TRUE(IsCompleted(process, session));
  });
}

// What a process that lives on makes of a call that failed: nobody starts it again for our sake.
constexpr Fault kErrors[] = {Fault::kDiskFull, Fault::kIo, Fault::kPermission, Fault::kLostAnswer};

TEST_F(FaultsTest, ARedoThatFailsLeavesNoWorkThatNobodyDoes) {
  for (const Fault fault : kErrors) {
    int struck = 0;
    for (int k = 1; k < 500; ++k) {
      SCOPED_TRACE("fault " + std::to_string(int(fault)) + " at call " + std::to_string(k));
      Empty();
      FaultyStore faulty(store_, fault, k);
      LateFaults late(faulty, store_);
      Process process(*this, late);
      const SessionKey session = process.Submit(std::nullopt, "open sesame")->session;
      process.WorkUntilDone();
      late.faulty = true;
      const Status redone = RedoSession(process.actions, session, kUser, {{2}, {}, "open sesame"});
      late.faulty = false;
      process.WorkUntilDone();
      EXPECT_TRUE(process.IsCompleted(session));
      if (redone.ok()) {
        EXPECT_EQ(process.reader.read.size(), 4u);
      }
      // It can be asked for again.
      EXPECT_TRUE(RedoSession(process.actions, session, kUser, {{2}, {}, "open sesame"}).ok());
      process.WorkUntilDone();
      ExpectAtRest();
      if (HasFailure()) return;
      if (faulty.calls() < k) break;
      ++struck;
    }
    EXPECT_GE(struck, 4);
  }
}

TEST_F(FaultsTest, ACancellationThatFailsCanBeRepeatedAndLeavesNoPassword) {
  for (const Fault fault : kErrors) {
    int struck = 0;
    for (int k = 1; k < 500; ++k) {
      SCOPED_TRACE("fault " + std::to_string(int(fault)) + " at call " + std::to_string(k));
      Empty();
      FaultyStore faulty(store_, fault, k);
      LateFaults late(faulty, store_);
      Process process(*this, late);
      const SessionKey session = process.Submit(std::nullopt, "open sesame")->session;
      late.faulty = true;
      (void)CancelSession(process.actions, session);
      late.faulty = false;
      (void)CancelSession(process.actions, session);
      ExpectAtRest();
      const auto status = process.book->ReadStatus(session);
      ASSERT_TRUE(status.ok());
      EXPECT_EQ(status->state, SessionState::kCancelled);
      if (HasFailure()) return;
      if (faulty.calls() < k) break;
      ++struck;
    }
    EXPECT_GE(struck, 2);
  }
}

TEST_F(FaultsTest, ACancelledJobIsCancelledOrGoesOn) {
  ForEveryFault(4, [&](Fault fault, int k) {
    Empty();
    SessionKey session;
    {
      Process process(*this, store_);
      session = process.Submit(std::nullopt, "open sesame")->session;
    }
    Status cancelled;
    const bool lived = Meet(
        fault, k, [&](Process& process) { cancelled = CancelSession(process.actions, session); });
    Process process(*this, store_);
    process.TidyUp();
    process.WorkUntilDone();
    ExpectAtRest();
    const auto status = process.book->ReadStatus(session);
    ASSERT_TRUE(status.ok());
    EXPECT_TRUE(IsFinal(status->state));
    if (lived && cancelled.ok()) {
      EXPECT_EQ(status->state, SessionState::kCancelled);
    }
  });
}

TEST_F(FaultsTest, RetentionGoesOnWithTheOthersAndIsFinishedLater) {
  ForEveryFault(10, [&](Fault fault, int k) {
    Empty();
    clock_.now = Time(Seconds(1'750'000'000));
    {
      Process process(*this, store_);
      for (const char* key : {"a", "b", "c"}) ASSERT_TRUE(process.Submit(key, "").ok());
      process.WorkUntilDone();
    }
    clock_.now += Seconds(30 * 24 * 3600);
    Meet(fault, k, [&](Process& process) { (void)Sweep(process.actions); });
    Process process(*this, store_);
    ASSERT_TRUE(Sweep(process.actions).ok());
    ExpectAtRest();
    EXPECT_TRUE(Sessions().empty());
  });
}

TEST_F(FaultsTest, AStartUpThatFailsIsDoneAgain) {
  ForEveryFault(12, [&](Fault fault, int k) {
    Empty();
    SessionKey unfinished;
    {
      Process process(*this, store_);
      unfinished = process.Submit("a", "")->session;
      ASSERT_TRUE(process.Submit("b", "").ok());
    }
    // What crashes left: an upload, a deletion.
    const SessionKey half{UserHash(kSubmitter), "00000000-0000-4000-8000-00000000000b"};
    ASSERT_TRUE(WriteMarker(store_, half, kSubmitter, clock_.now).ok());
    ASSERT_TRUE(store_.Write(OriginalKey(half, "pdf"), "half", kAbsent).ok());
    const SessionKey gone{UserHash(kSubmitter), "00000000-0000-4000-8000-00000000000c"};
    ASSERT_TRUE(store_.Write(DeletedKey(gone), "{}", kAbsent).ok());
    ASSERT_TRUE(store_.Write(OriginalKey(gone, "pdf"), "gone", kAbsent).ok());
    Meet(fault, k, [&](Process& process) {
      (void)FinishDeletions(process.actions);
      (void)SettleAdmissions(process.actions);
      (void)RecoverAll(process.actions, Leases::kBreak);
    });
    Process process(*this, store_);
    process.TidyUp();
    process.WorkUntilDone();
    ExpectAtRest();
    EXPECT_EQ(Sessions().size(), 2u);
    EXPECT_TRUE(IsCompleted(process, unfinished));
  });
}

TEST_F(FaultsTest, ACopyThatIsCutOffIsDoneAgainAndGoesOn) {
  for (const bool finished : {true, false}) {
    ForEveryFault(9, [&](Fault fault, int k) {
      Empty();
      MemoryStore from;
      SessionKey session;
      {
        Process process(*this, from);
        session = process.Submit(std::nullopt, "")->session;
        if (finished) process.WorkUntilDone();
      }
      Meet(fault, k, [&](Process& process) {
        (void)CopySession(from, process.actions.store, session, clock_);
      });
      const auto copied = CopySession(from, store_, session, clock_);
      ASSERT_TRUE(copied.ok()) << copied.error().message;
      Process process(*this, store_);
      process.TidyUp();
      process.WorkUntilDone();
      ExpectAtRest();
      EXPECT_TRUE(IsCompleted(process, session));
    });
  }
}

}  // namespace
}  // namespace gnosis
