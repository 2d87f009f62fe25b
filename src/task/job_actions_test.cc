#include "task/job_actions.h"

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <thread>

#include "support/hooked_store.h"
#include "support/task_fixture.h"
#include "task/verify.h"

namespace gnosis {
namespace {

TEST(Redo, ReadsOnePageAgainWithOtherOptionsAndCombinesAnew) {
  TaskWorld world(3);
  world.Deliver(world.FirstTask());
  const Status redone = RedoSession(world.Actions(), world.session, "me@example.org",
                                    {{2}, {{"languages", "deu"}, {"rotate", "90"}}, ""});
  ASSERT_TRUE(redone.ok()) << redone.error().message;
  EXPECT_EQ(world.Record().state, SessionState::kQueued);
  EXPECT_TRUE(world.store.Stat(UnfinishedKey(world.session)).ok());
  world.pages.read.clear();
  world.DeliverAll();
  EXPECT_EQ(world.pages.read, (std::vector<int>{2}));
  EXPECT_EQ(world.pages.last_request.options.languages, (std::vector<std::string>{"deu"}));
  EXPECT_EQ(world.pages.last_request.options.rotate, 90);
  EXPECT_EQ(world.Record().state, SessionState::kCompleted);
  EXPECT_EQ(world.ReadResult(2)->edition, 1);
  EXPECT_FALSE(world.store.Stat(UnfinishedKey(world.session)).ok());
}

TEST(Redo, WithoutPagesTakesTheFailedOnes) {
  TaskWorld world(3);
  world.pages.errors[3] = {ErrorCode::kDamaged, "broken", ""};
  world.Deliver(world.FirstTask());
  world.pages.errors.clear();
  world.pages.read.clear();
  ASSERT_TRUE(RedoSession(world.Actions(), world.session, "me@example.org", {}).ok());
  world.DeliverAll();
  EXPECT_EQ(world.pages.read, (std::vector<int>{3}));
  EXPECT_EQ(world.Record().state, SessionState::kCompleted);
  EXPECT_EQ(world.Text(), "page-1\n\fpage-2\n\fpage-3\n");
}

TEST(Redo, OfARunningJobIsAConflictAndLeavesItsMarker) {
  TaskWorld world(3);
  const Status redone =
      RedoSession(world.Actions(), world.session, "me@example.org", {{1}, {}, ""});
  ASSERT_FALSE(redone.ok());
  EXPECT_EQ(redone.code(), ErrorCode::kConflict);
  EXPECT_TRUE(world.store.Stat(UnfinishedKey(world.session)).ok());
}

TEST(Redo, OfNothingFailedLeavesTheJobFinal) {
  TaskWorld world(3);
  world.Deliver(world.FirstTask());
  const Status redone = RedoSession(world.Actions(), world.session, "me@example.org", {});
  ASSERT_FALSE(redone.ok());
  EXPECT_EQ(redone.code(), ErrorCode::kNoPages);
  EXPECT_FALSE(world.store.Stat(UnfinishedKey(world.session)).ok());
}

TEST(Redo, ThatIsRefusedLeavesNoPasswordWhoeverCleansUpMeanwhile) {
  TaskWorld world(3);
  world.Deliver(world.FirstTask());
  HookedStore store(world.store);
  store.before_write = [&](const std::string& key) {
    if (key != SecretKey(world.session)) return;
    ASSERT_TRUE(CleanUpFinished(world.store, *world.book, world.session).ok());
  };
  const ActionContext actions{store, world.queue, *world.book, world.clock, 1, "test"};
  const Status redone = RedoSession(actions, world.session, "me@example.org", {{}, {}, "sesame"});
  ASSERT_FALSE(redone.ok());
  EXPECT_EQ(redone.code(), ErrorCode::kNoPages);
  EXPECT_FALSE(world.store.Stat(SecretKey(world.session)).ok());
  EXPECT_FALSE(world.store.Stat(UnfinishedKey(world.session)).ok());
}

TEST(Cancel, IsFinalAndKeepsFinishedPages) {
  TaskWorld world(4, {.batch_size = 2, .program_version = "test"});
  world.Deliver(world.FirstTask());
  ASSERT_TRUE(CancelSession(world.Actions(), world.session).ok());
  world.DeliverAll();
  EXPECT_EQ(world.Record().state, SessionState::kCancelled);
  EXPECT_EQ(world.pages.read, (std::vector<int>{1, 2}));
  EXPECT_TRUE(world.ReadResult(1).ok());
  const Status again = CancelSession(world.Actions(), world.session);
  EXPECT_EQ(again.code(), ErrorCode::kConflict);
}

TEST(Delete, RemovesEveryObjectOfTheSession) {
  TaskWorld world(3);
  world.Deliver(world.FirstTask());
  ASSERT_TRUE(DeleteSession(world.Actions(), world.session).ok());
  EXPECT_TRUE(world.store.List(SessionFolder(world.session))->empty());
  EXPECT_EQ(world.book->ReadStatus(world.session).code(), ErrorCode::kNotFound);
}

TEST(Delete, OfAJobThatIsBeingLookedAtLeavesNothingRemembered) {
  TaskWorld world(3);
  world.Deliver(world.FirstTask());
  HookedStore store(world.store);
  const auto book = NewSessionBook(store, world.clock, {});
  std::promise<void> has_metadata, folder_is_next;
  std::thread somebody;
  store.after_read = [&](const std::string& key) {
    if (key != MetadataKey(world.session) || std::this_thread::get_id() != somebody.get_id())
      return;
    has_metadata.set_value();
    folder_is_next.get_future().wait();
  };
  store.before_delete_folder = [&](const std::string&) {
    if (!somebody.joinable()) return;
    folder_is_next.set_value();
    somebody.join();
  };
  std::promise<void> started;
  somebody = std::thread([&] {
    started.get_future().wait();
    EXPECT_TRUE(book->ReadStatus(world.session).ok());
  });
  started.set_value();
  has_metadata.get_future().wait();
  const ActionContext actions{store, world.queue, *book, world.clock, 1, "test"};
  ASSERT_TRUE(DeleteSession(actions, world.session).ok());
  EXPECT_FALSE(book->ReadStatus(world.session).ok());
}

TEST(EnsureResult, MakesAFormatThatWasNotAskedFor) {
  TaskWorld world(2);
  EXPECT_EQ(EnsureResult(world.Actions(), world.session, "json").code(), ErrorCode::kConflict);
  world.Deliver(world.FirstTask());
  const auto key = EnsureResult(world.Actions(), world.session, "json");
  ASSERT_TRUE(key.ok());
  EXPECT_TRUE(world.store.Stat(*key).ok());
  EXPECT_EQ(EnsureResult(world.Actions(), world.session, "docx").code(),
            ErrorCode::kUnsupportedFormat);
}

TEST(EnsureResult, IsMadeAnewAfterARedo) {
  TaskWorld world(2);
  world.Deliver(world.FirstTask());
  const std::string key = *EnsureResult(world.Actions(), world.session, "json");
  const std::string before = world.store.Read(key)->bytes;
  ASSERT_TRUE(RedoSession(world.Actions(), world.session, "me@example.org",
                          {.pages = {1}, .options = {{"dpi", "150"}}})
                  .ok());
  world.DeliverAll();
  ASSERT_EQ(EnsureResult(world.Actions(), world.session, "json").ok(), true);
  EXPECT_NE(world.store.Read(key)->bytes, before);
}

TEST(Recover, GivesAnInterruptedSessionNewTasksOfANewEpoch) {
  TaskWorld world(3);
  // A worker claimed everything and vanished.
  ASSERT_TRUE(world.book
                  ->Update(world.session,
                           [&](Processing& record, const Outcomes& known) {
                             ClaimPages(record, known,
                                        {.task_name = "gone",
                                         .owner = "gone/1",
                                         .now = world.clock.now,
                                         .lease = Seconds(600)},
                                        {});
                             return true;
                           })
                  .ok());
  EXPECT_FALSE(*RecoverSession(world.Actions(), world.session, Leases::kRespect));
  const auto report = RecoverAll(world.Actions(), Leases::kBreak);
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(report->enqueued, 1);
  ASSERT_EQ(world.queue.tasks.size(), 1u);
  EXPECT_EQ(world.queue.tasks.front().task.epoch, 1);
  EXPECT_EQ(world.queue.tasks.front().task.user_email, "me@example.org");
  world.DeliverAll();
  EXPECT_EQ(world.Record().state, SessionState::kCompleted);
}

TEST(Recover, RemovesTheMarkerOfASessionThatIsGone) {
  TaskWorld world(1);
  ASSERT_TRUE(world.store.DeleteFolder(SessionFolder(world.session)).ok());
  const auto report = RecoverAll(world.Actions(), Leases::kBreak);
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(report->cleaned, 1);
  EXPECT_FALSE(world.store.Stat(UnfinishedKey(world.session)).ok());
}

TEST(Recover, FinishesWhatACrashLeftBetweenFinalStateAndMarker) {
  TaskWorld world(1);
  world.Deliver(world.FirstTask());
  ASSERT_TRUE(WriteMarker(world.store, world.session, "me@example.org", world.clock.now).ok());
  ASSERT_TRUE(RecoverAll(world.Actions(), Leases::kBreak).ok());
  EXPECT_FALSE(world.store.Stat(UnfinishedKey(world.session)).ok());
}

TEST(Recover, FindsAStalledJobThatHasLostItsMarkerWhenSomebodyAsksForIt) {
  TaskWorld world;
  const auto ask = [&] {
    return RecoverStalled(world.Actions(), world.session, "me@example.org", Seconds(300));
  };
  ASSERT_TRUE(world.store.Delete(UnfinishedKey(world.session), kAnyGeneration).ok());
  world.clock.now += Seconds(301);
  const auto recovered = ask();
  ASSERT_TRUE(recovered.ok());
  EXPECT_TRUE(*recovered);
  EXPECT_TRUE(world.store.Stat(UnfinishedKey(world.session)).ok());
  world.DeliverAll();
  EXPECT_EQ(world.Record().state, SessionState::kCompleted);
  EXPECT_FALSE(world.store.Stat(UnfinishedKey(world.session)).ok());
  // A process that remembers it as unfinished leaves nothing behind.
  EXPECT_TRUE(ask().ok());
  EXPECT_FALSE(world.store.Stat(UnfinishedKey(world.session)).ok());
  ASSERT_TRUE(DeleteSession(world.Actions(), world.session).ok());
  EXPECT_EQ(ask().code(), ErrorCode::kNotFound);
  EXPECT_FALSE(world.store.Stat(UnfinishedKey(world.session)).ok());
}

TEST(Resume, TakesADirectoryThatCameWithoutItsMarker) {
  TaskWorld world(2);
  ASSERT_TRUE(world.store.Delete(UnfinishedKey(world.session), kAnyGeneration).ok());
  ASSERT_TRUE(ResumeSession(world.Actions(), world.session, "me@example.org").ok());
  world.DeliverAll();
  EXPECT_EQ(world.Record().state, SessionState::kCompleted);
}

TEST(Sweep, DeletesExpiredSessionsAndRemembersThem) {
  TaskWorld world(1);
  world.Deliver(world.FirstTask());
  EXPECT_EQ(Sweep(world.Actions())->expired, 0);
  world.clock.now += Seconds(1001);
  EXPECT_EQ(world.book->ReadStatus(world.session).code(), ErrorCode::kGone);
  EXPECT_EQ(Sweep(world.Actions())->expired, 1);
  EXPECT_TRUE(world.store.List(SessionFolder(world.session))->empty());
  EXPECT_TRUE(IsExpired(world.store, world.session));
  world.clock.now += Seconds(31 * 24 * 3600);
  EXPECT_TRUE(Sweep(world.Actions()).ok());
  EXPECT_FALSE(IsExpired(world.store, world.session));
}

TEST(Sweep, KeepsASessionThatIsStillBeingRead) {
  TaskWorld world(1);
  world.clock.now += Seconds(1001);
  EXPECT_EQ(Sweep(world.Actions())->expired, 0);
}

TEST(Sweep, KeepsAJobThatWaitedLongForAsLongAsItsTtlAfterItWasFinished) {
  TaskWorld world(1);
  world.clock.now += Seconds(2000);
  world.Deliver(world.FirstTask());
  const auto status = world.book->ReadStatus(world.session);
  ASSERT_TRUE(status.ok());
  EXPECT_EQ(status->expires_at, world.clock.now + Seconds(1000));
  EXPECT_EQ(Sweep(world.Actions())->expired, 0);
  world.clock.now += Seconds(1001);
  EXPECT_EQ(Sweep(world.Actions())->expired, 1);
  EXPECT_TRUE(world.store.List(SessionFolder(world.session))->empty());
}

TEST(AbandonedUploads, AreRemovedAndSessionsKept) {
  TaskWorld world(1);
  const SessionKey half{world.session.user_hash, "00000000-0000-4000-8000-00000000000b"};
  ASSERT_TRUE(world.store.Write(OriginalKey(half, "pdf"), "half", kAbsent).ok());
  EXPECT_EQ(*SettleAdmissions(world.Actions()), 1);
  EXPECT_TRUE(world.store.List(SessionFolder(half))->empty());
  EXPECT_TRUE(world.store.Stat(MetadataKey(world.session)).ok());
}

TEST(Verify, FindsNothingWrongWithAFinishedSession) {
  TaskWorld world(2);
  world.Deliver(world.FirstTask());
  const auto report = VerifySession(world.store, world.session);
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(report->completed, 2);
  // The original is /dev/null in the store of the tests.
  for (const Finding& finding : report->findings) EXPECT_EQ(finding.file, "original.pdf");
}

TEST(Verify, NamesAFileThatWasChanged) {
  TaskWorld world(2);
  world.Deliver(world.FirstTask());
  ASSERT_TRUE(
      world.store.Write(PageKey(world.session, PageFile::kImage, 2, 2), "forged", kAnyGeneration)
          .ok());
  const auto report = VerifySession(world.store, world.session);
  ASSERT_TRUE(report.ok());
  bool found = false;
  for (const Finding& finding : report->findings) found |= finding.file == "page_002.png";
  EXPECT_TRUE(found);
}

}  // namespace
}  // namespace gnosis
