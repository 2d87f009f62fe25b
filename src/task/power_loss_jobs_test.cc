// Power lost at every step to the disk of everything that changes a session's state, and every
// state in which POSIX may leave the disk then: the next start ends in what was asked for, or in
// nothing; what was acknowledged stays so.
#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/file.h"
#include "session/disk_store.h"
#include "support/disk_model.h"
#include "support/process_fixture.h"
#include "task/submissions.h"

namespace gnosis {
namespace {

constexpr const char* kRoot = "/data";
constexpr char kKey[] = "letter-1";
// A folder of n files that is being removed may be left in 2^n states.
constexpr int kMostOutcomes = 300;

// Over one state of the disk.
struct Machine {
  Machine(DiskModel& disk, Clock& clock, const std::filesystem::path& models)
      : store(NewDiskStore(kRoot, disk)), process(*store, clock, models) {}
  const std::unique_ptr<ObjectStore> store;
  TestProcess process;
};

class PowerLossOfJobs : public testing::Test {
 protected:
  PowerLossOfJobs() { std::ofstream(models_.path() / "eng.traineddata") << "pretend"; }

  struct Life {
    std::function<void(Machine&)> before;  // with power
    std::function<void(Machine&)> life;    // loses it
    std::function<void(Machine&)> after;   // started again, tidied up, all work done
    int steps;                             // at the least, that lose it
  };
  void AtEveryStep(const Life& life) {
    int losses = 0, outcomes = 0;
    for (bool is_through = false; !is_through; ++losses) {
      DiskModel disk;
      {
        Machine before(disk, clock_, models_.path());
        life.before(before);
      }
      disk.LosePowerAfter(losses);
      {
        Machine machine(disk, clock_, models_.path());
        life.life(machine);
      }
      is_through = disk.has_power();
      Choices choices;
      int tried = 0;
      do {
        SCOPED_TRACE("power lost after step " + std::to_string(losses) + ", outcome " +
                     std::to_string(tried));
        const auto survivor = disk.AfterPowerLoss(choices);
        StartAgain(*survivor, life);
        if (HasFailure()) return;
      } while (++tried < kMostOutcomes && choices.Next());
      outcomes += tried;
    }
    EXPECT_GT(losses, life.steps);
    EXPECT_GT(outcomes, losses);
    RecordProperty("losses", losses);
    RecordProperty("outcomes", outcomes);
  }

 private:
  void StartAgain(DiskModel& disk, const Life& life) {
    Machine machine(disk, clock_, models_.path());
    for (const char* folder :
         {"users/", "unfinished/", "uploads/", "deleted/", "expired/", "submissions/"}) {
      ASSERT_TRUE(RemoveTemporaryFiles(kRoot, folder, disk).ok());
    }
    machine.process.TidyUp();
    machine.process.WorkUntilDone();
    ExpectAtRest(*machine.store);
    life.after(machine);
    machine.process.WorkUntilDone();
    ExpectAtRest(*machine.store);
  }

 protected:
  TemporaryFolder models_;
  HandClock clock_;
};

TEST_F(PowerLossOfJobs, AnAdmissionIsRepeatedAndEndsInOneJobTheAcknowledgedOne) {
  for (const char* password : {"", "open sesame"}) {
    Result<Admitted> first = Error{};
    AtEveryStep({.before = [](Machine&) {},
                 .life = [&](Machine& m) { first = m.process.Submit(kKey, password); },
                 .after =
                     [&](Machine& m) {
                       const auto again = m.process.Submit(kKey, password);
                       ASSERT_TRUE(again.ok()) << again.error().message;
                       if (first.ok()) {
                         EXPECT_EQ(again->session, first->session);
                         EXPECT_FALSE(again->created);
                       }
                       m.process.WorkUntilDone();
                       EXPECT_EQ(SessionsIn(*m.store), std::vector{again->session});
                       EXPECT_TRUE(m.process.IsCompleted(again->session));
                     },
                 .steps = 35});
  }
}

TEST_F(PowerLossOfJobs, AnAdmissionWithoutAKeyLeavesNothingOrAJobThatIsDone) {
  Result<Admitted> first = Error{};
  AtEveryStep({.before = [](Machine&) {},
               .life = [&](Machine& m) { first = m.process.Submit(std::nullopt, ""); },
               .after =
                   [&](Machine& m) {
                     const auto sessions = SessionsIn(*m.store);
                     if (first.ok()) {
                       EXPECT_EQ(sessions, std::vector{first->session});
                     }
                     for (const SessionKey& session : sessions) {
                       EXPECT_TRUE(m.process.IsCompleted(session));
                     }
                   },
               .steps = 30});
}

TEST_F(PowerLossOfJobs, ARefusedDocumentLeavesNothing) {
  AtEveryStep({.before = [](Machine&) {},
               .life =
                   [](Machine& m) {
                     m.process.inspector.info = Error{ErrorCode::kPasswordRequired, "locked", ""};
                     EXPECT_FALSE(m.process.Submit(kKey, "").ok());
                   },
               .after = [](Machine& m) { EXPECT_TRUE(SessionsIn(*m.store).empty()); },
               .steps = 20});
}

TEST_F(PowerLossOfJobs, ADeletionThatWasAcknowledgedIsOneAndAnyOtherCanBeRepeated) {
  for (const bool finished : {false, true}) {
    SessionKey session;
    Status deleted;
    AtEveryStep({.before =
                     [&](Machine& m) {
                       m.process.reader.info = m.process.inspector.info =
                           DocumentInfo{"application/pdf", 1};
                       session = m.process.Submit(kKey, "open sesame")->session;
                       if (finished) m.process.WorkUntilDone();
                     },
                 .life = [&](Machine& m) { deleted = DeleteSession(m.process.actions, session); },
                 .after =
                     [&](Machine& m) {
                       if (SessionExists(*m.store, session)) {
                         EXPECT_FALSE(deleted.ok()) << "a deletion that was acknowledged is undone";
                         EXPECT_TRUE(DeleteSession(m.process.actions, session).ok());
                       }
                       EXPECT_TRUE(SessionsIn(*m.store).empty());
                       EXPECT_FALSE(FindSubmitted(*m.store, TestProcess::kUser, kKey)->has_value());
                     },
                 .steps = 12});
  }
}

TEST_F(PowerLossOfJobs, ARedoKeepsThePagesAndNoPassword) {
  SessionKey session;
  Status redone;
  AtEveryStep({.before =
                   [&](Machine& m) {
                     session = m.process.Submit(std::nullopt, "open sesame")->session;
                     m.process.WorkUntilDone();
                   },
               .life =
                   [&](Machine& m) {
                     redone = RedoSession(m.process.actions, session, TestProcess::kUser,
                                          {{2}, {}, "open sesame"});
                   },
               .after =
                   [&](Machine& m) {
                     EXPECT_TRUE(m.process.IsCompleted(session));
                     if (redone.ok()) {
                       EXPECT_EQ(m.process.reader.read, std::vector{2});
                     }
                   },
               .steps = 15});
}

TEST_F(PowerLossOfJobs, AJobThatIsCancelledIsCancelledOrGoesOn) {
  SessionKey session;
  Status cancelled;
  AtEveryStep(
      {.before =
           [&](Machine& m) { session = m.process.Submit(std::nullopt, "open sesame")->session; },
       .life = [&](Machine& m) { cancelled = CancelSession(m.process.actions, session); },
       .after =
           [&](Machine& m) {
             const auto status = m.process.book->ReadStatus(session);
             ASSERT_TRUE(status.ok());
             EXPECT_TRUE(IsFinal(status->state));
             if (cancelled.ok()) {
               EXPECT_EQ(status->state, SessionState::kCancelled);
             }
           },
       .steps = 8});
}

TEST_F(PowerLossOfJobs, AStartUpIsDoneAgain) {
  SessionKey unfinished;
  AtEveryStep({.before =
                   [&](Machine& m) {
                     unfinished = m.process.Submit("a", "")->session;
                     const std::string user = UserHash(TestProcess::kUser);
                     const SessionKey half{user, "00000000-0000-4000-8000-00000000000b"};
                     ASSERT_TRUE(WriteMarker(*m.store, half, TestProcess::kUser, clock_.now).ok());
                     ASSERT_TRUE(m.store->Write(OriginalKey(half, "pdf"), "half", kAbsent).ok());
                     const SessionKey gone{user, "00000000-0000-4000-8000-00000000000c"};
                     ASSERT_TRUE(m.store->Write(DeletedKey(gone), "{}", kAbsent).ok());
                     ASSERT_TRUE(m.store->Write(OriginalKey(gone, "pdf"), "gone", kAbsent).ok());
                   },
               .life =
                   [&](Machine& m) {
                     (void)FinishDeletions(m.process.actions);
                     (void)SettleAdmissions(m.process.actions);
                     (void)RecoverAll(m.process.actions, Leases::kBreak);
                   },
               .after =
                   [&](Machine& m) {
                     EXPECT_EQ(SessionsIn(*m.store), std::vector{unfinished});
                     EXPECT_TRUE(m.process.IsCompleted(unfinished));
                   },
               .steps = 15});
}

// So that the tests above cannot pass because they look at nothing.
TEST_F(PowerLossOfJobs, ADiskThatForgetsToSyncIsNoticed) {
  DiskModel disk;
  disk.ForgetToSync();
  Machine machine(disk, clock_, models_.path());
  const auto admitted = machine.process.Submit(kKey, "");
  ASSERT_TRUE(admitted.ok());
  Choices choices;
  const auto survivor = disk.AfterPowerLoss(choices);
  EXPECT_FALSE(SessionExists(*NewDiskStore(kRoot, *survivor), admitted->session));
}

}  // namespace
}  // namespace gnosis
