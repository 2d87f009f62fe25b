#include "task/session_book.h"

#include <gtest/gtest.h>

#include "base/log.h"
#include "support/forwarding_store.h"
#include "support/task_fixture.h"

namespace gnosis {
namespace {

PageOutcome Read(int page, Time at) {
  PageOutcome outcome;
  outcome.page = page;
  outcome.completed = true;
  outcome.completed_at = at;
  outcome.result_file = PageFileName(PageFile::kResult, page, 3);
  outcome.source = "told";
  return outcome;
}

// Any change that is worth writing.
bool Touch(Processing& record, const Outcomes&) {
  ++record.revision;
  return true;
}

TEST(SessionBook, SaysNotFoundForASessionThatNeverWas) {
  TaskWorld world;
  const SessionKey other{world.session.user_hash, "00000000-0000-4000-8000-0000000000ff"};
  EXPECT_EQ(world.book->ReadStatus(other).code(), ErrorCode::kNotFound);
  EXPECT_EQ(world.book->Update(other, Touch).code(), ErrorCode::kNotFound);
}

TEST(SessionBook, AnOutcomeIsSeenAtOnceAndWrittenAtMostOnceASecond) {
  TaskWorld world;
  ASSERT_TRUE(world.book->Update(world.session, Touch).ok());
  int writes = 0;
  world.store.on_change = [&](const std::string& key, const std::string*) {
    writes += key == ProcessingKey(world.session) ? 1 : 0;
  };
  world.book->NoteOutcome(world.session, Read(1, world.clock.now));
  world.book->PublishIfDue(world.session);
  EXPECT_EQ(world.book->ReadStatus(world.session)->pages.completed, 1);
  EXPECT_EQ(writes, 0);
  world.clock.now += Milliseconds(1000);
  world.book->PublishIfDue(world.session);
  world.book->PublishIfDue(world.session);
  EXPECT_EQ(writes, 1);
  EXPECT_EQ(world.Record().pages.at(1).status, PageStatus::kCompleted);
}

TEST(SessionBook, RepeatsAChangeWhenSomebodyElseWroteFirst) {
  TaskWorld world;
  ASSERT_TRUE(world.book->ReadStatus(world.session).ok());
  const auto other = NewSessionBook(world.store, world.clock, {});
  ASSERT_TRUE(other
                  ->Update(world.session,
                           [](Processing& record, const Outcomes&) {
                             record.epoch = 7;
                             return Touch(record, {});
                           })
                  .ok());
  int calls = 0;
  ASSERT_TRUE(world.book
                  ->Update(world.session,
                           [&](Processing& record, const Outcomes& known) {
                             ++calls;
                             return Touch(record, known);
                           })
                  .ok());
  EXPECT_EQ(calls, 2);
  EXPECT_EQ(world.Record().epoch, 7);
}

TEST(SessionBook, TakesAWriteThatLandedButSaidItFailedForDone) {
  // A store whose write of processing.json lands and then reports a lost answer, once.
  class LyingStore final : public ForwardingStore {
   public:
    using ForwardingStore::ForwardingStore;
    bool lie = true;
    Result<Generation> Write(const std::string& key, std::string_view bytes,
                             IfGeneration generation) override {
      auto written = ForwardingStore::Write(key, bytes, generation);
      if (!lie || !key.ends_with("processing.json")) return written;
      lie = false;
      return Error{ErrorCode::kUnavailable, "the answer was lost", ""};
    }
  };
  TaskWorld world;
  LyingStore store(world.store);
  const auto book = NewSessionBook(store, world.clock, {});
  int calls = 0;
  ASSERT_TRUE(book->Update(world.session,
                           [&](Processing& record, const Outcomes& known) {
                             ++calls;
                             return Touch(record, known);
                           })
                  .ok());
  EXPECT_EQ(calls, 1);
  EXPECT_TRUE(book->Update(world.session, Touch).ok());
}

TEST(SessionBook, DoesNotBelieveFinishedPagesWithoutAResult) {
  TaskWorld world;
  ASSERT_TRUE(world.book
                  ->Update(world.session,
                           [&](Processing& record, const Outcomes&) {
                             return MergeOutcome(record, Read(2, world.clock.now));
                           })
                  .ok());
  ASSERT_TRUE(world.book->Refresh(world.session).ok());
  EXPECT_EQ(world.book->ReadStatus(world.session)->pages.completed, 0);
}

// A reader that knows the metadata already, while the session is being deleted.
TEST(SessionBook, DoesNotRebuildTheRecordOfASessionThatIsGone) {
  TaskWorld world;
  ASSERT_TRUE(world.book->ReadMetadata(world.session).ok());
  // By another process: this one's book hears nothing of it.
  const auto book_elsewhere = NewSessionBook(world.store, world.clock, {});
  ASSERT_TRUE(
      DeleteSession({world.store, world.queue, *book_elsewhere, world.clock}, world.session).ok());
  EXPECT_EQ(world.book->ReadStatus(world.session).code(), ErrorCode::kNotFound);
  EXPECT_EQ(world.book->Update(world.session, Touch).code(), ErrorCode::kNotFound);
  EXPECT_TRUE(world.store.List(SessionFolder(world.session))->empty());
}

TEST(SessionBook, KnowsNoSessionThatIsHalfDeleted) {
  // A deletion that comes no further than its first object.
  class StuckStore final : public ForwardingStore {
   public:
    using ForwardingStore::ForwardingStore;
    Status DeleteFolder(const std::string&) override {
      return Error{ErrorCode::kIo, "the power went", ""};
    }
  };
  TaskWorld world;
  StuckStore store(world.store);
  EXPECT_FALSE(DeleteSession({store, world.queue, *world.book, world.clock}, world.session).ok());
  EXPECT_FALSE(world.store.List(SessionFolder(world.session))->empty());
  EXPECT_EQ(world.book->ReadStatus(world.session).code(), ErrorCode::kNotFound);
}

TEST(SessionBook, EveryDamageToTheRecordIsRebuiltAndNoPageIsLost) {
  TaskWorld world(3, {.batch_size = 2, .program_version = "test"});
  world.Deliver(world.FirstTask());
  const std::string key = ProcessingKey(world.session);
  const std::string good = world.store.Read(key)->bytes;
  int damaged = 0;
  const auto check = [&](const std::string& bytes) {
    ASSERT_TRUE(world.store.Write(key, bytes, kAnyGeneration).ok());
    const auto book = NewSessionBook(world.store, world.clock, {});
    const auto status = book->ReadStatus(world.session);
    ASSERT_TRUE(status.ok()) << status.error().message;
    ASSERT_EQ(status->pages.completed, 2);
    ASSERT_EQ(status->total_pages, 3);
    ++damaged;
  };
  SetLogLevel(LogLevel::kOff);
  for (size_t i = 0; i < good.size(); ++i) {
    std::string flipped = good;
    flipped[i] = char(flipped[i] ^ (1 << (i % 8)));
    check(flipped);
    check(good.substr(0, i));
    if (HasFatalFailure()) break;
  }
  SetLogLevel(LogLevel::kInfo);
  EXPECT_EQ(damaged, int(good.size()) * 2);
}

TEST(SessionBook, WakesWatchersOfThisSessionUntilTheyAreGone) {
  TaskWorld world;
  int wakes = 0;
  auto watch = world.book->Watch(world.session, [&] { ++wakes; });
  world.book->NoteOutcome(world.session, Read(1, world.clock.now));
  EXPECT_EQ(wakes, 1);
  watch.reset();
  world.book->NoteOutcome(world.session, Read(2, world.clock.now));
  EXPECT_EQ(wakes, 1);
}

TEST(SessionBook, AStaleProcessDoesNotMoveStatusJsonBack) {
  TaskWorld world;
  const auto stale = NewSessionBook(world.store, world.clock, {});
  ASSERT_TRUE(stale->ReadStatus(world.session).ok());
  world.Deliver(world.FirstTask());
  const auto before = world.store.Read(StatusKey(world.session));
  ASSERT_TRUE(before.ok());
  stale->NoteOutcome(world.session, Read(1, world.clock.now));
  world.clock.now += Seconds(5);
  stale->PublishIfDue(world.session);
  EXPECT_EQ(world.store.Read(StatusKey(world.session))->bytes, before->bytes);
}

TEST(SessionBook, ForgetsTheOldestEntriesAndReadsThemBack) {
  TaskWorld world;
  const auto book = NewSessionBook(world.store, world.clock, {.max_entries = 1});
  ASSERT_TRUE(book->ReadStatus(world.session).ok());
  const SessionKey second{world.session.user_hash, "00000000-0000-4000-8000-0000000000bb"};
  Metadata metadata = *DecodeMetadata(world.store.Read(MetadataKey(world.session))->bytes);
  metadata.session_id = second.session_id;
  ASSERT_TRUE(world.store.Write(MetadataKey(second), EncodeMetadata(metadata), kAbsent).ok());
  ASSERT_TRUE(world.store
                  .Write(ProcessingKey(second),
                         EncodeProcessing(NewProcessing(metadata, {1, 2, 3}, 10)), kAbsent)
                  .ok());
  EXPECT_EQ(book->ReadStatus(second)->total_pages, 3);
  EXPECT_EQ(book->ReadStatus(world.session)->total_pages, 3);
}

}  // namespace
}  // namespace gnosis
