#include "task/copy_session.h"

#include <gtest/gtest.h>

#include "support/task_fixture.h"

namespace gnosis {
namespace {

std::map<std::string, std::string> FilesOf(ObjectStore& store, const SessionKey& session) {
  std::map<std::string, std::string> files;
  const auto keys = store.List(SessionFolder(session));
  for (const std::string& key : *keys) files[key] = store.Read(key)->bytes;
  return files;
}

TEST(CopySession, KeepsEveryNameAndEveryByte) {
  TaskWorld world;
  world.Deliver(world.FirstTask());
  MemoryStore bucket;
  const auto report = CopySession(world.store, bucket, world.session, world.clock);
  ASSERT_TRUE(report.ok()) << report.error().message;
  EXPECT_FALSE(report->unfinished);
  EXPECT_EQ(FilesOf(bucket, world.session), FilesOf(world.store, world.session));
  EXPECT_EQ(report->files, int(FilesOf(bucket, world.session).size()));
  EXPECT_FALSE(bucket.Stat(UnfinishedKey(world.session)).ok());
}

TEST(CopySession, TheJobGoesOnWhereItWas) {
  TaskWorld world(12);
  world.Deliver(world.FirstTask());
  ASSERT_EQ(world.pages.read.size(), 10u);
  // A worker of the old home died over the rest.
  const ClaimRequest dead{"t", "t/1", world.clock.now, Seconds(10'000), 10, 1};
  ASSERT_TRUE(world.book
                  ->Update(world.session,
                           [&](Processing& record, const Outcomes& known) {
                             return !ClaimPages(record, known, dead, {}).pages.empty();
                           })
                  .ok());
  MemoryStore bucket;
  ASSERT_TRUE(CopySession(world.store, bucket, world.session, world.clock)->unfinished);
  ListQueue queue;
  const auto book = NewSessionBook(bucket, world.clock, {});
  const ActionContext there{bucket, queue, *book, world.clock, 1, "test"};
  ASSERT_EQ(RecoverAll(there, Leases::kRespect)->enqueued, 1);
  const auto processor =
      NewBatchProcessor(bucket, queue, *book, world.clock, {.program_version = "test"});
  ToldReader pages;
  DocumentReader reader(pages);
  // Pages that were begun before are read one at a time.
  for (int i = 0; i < 5 && !queue.tasks.empty(); ++i) {
    const Task task = queue.tasks.front().task;
    queue.tasks.pop_front();
    EXPECT_EQ(processor->Run(task, reader, std::stop_token()).verdict,
              BatchReport::Verdict::kAcknowledge);
  }
  EXPECT_EQ(pages.read, std::vector<int>({11, 12}));
  EXPECT_EQ(book->ReadStatus(world.session)->state, SessionState::kCompleted);
}

TEST(CopySession, DoneAgainItChangesNothingAndNeverOverwrites) {
  TaskWorld world;
  MemoryStore bucket;
  ASSERT_TRUE(CopySession(world.store, bucket, world.session, world.clock).ok());
  ASSERT_TRUE(CopySession(world.store, bucket, world.session, world.clock).ok());
  // It continues here: the copy there is an older state of it.
  world.Deliver(world.FirstTask());
  EXPECT_EQ(CopySession(world.store, bucket, world.session, world.clock).code(),
            ErrorCode::kConflict);
}

TEST(CopySession, ASessionThatIsNotThereIsNotFound) {
  TaskWorld world;
  MemoryStore bucket;
  const SessionKey other{world.session.user_hash, "00000000-0000-4000-8000-0000000000ff"};
  EXPECT_EQ(CopySession(world.store, bucket, other, world.clock).code(), ErrorCode::kNotFound);
}

}  // namespace
}  // namespace gnosis
