#include "task/batch.h"

#include <gtest/gtest.h>

#include "support/task_fixture.h"

namespace gnosis {
namespace {

using Verdict = BatchReport::Verdict;

TEST(Batch, ReadsEveryPageCombinesAndRemovesTheMarker) {
  TaskWorld world(3);
  const BatchReport report = world.Deliver(world.FirstTask());
  EXPECT_EQ(report.verdict, Verdict::kAcknowledge);
  EXPECT_EQ(report.pages_processed, 3);
  EXPECT_EQ(world.Record().state, SessionState::kCompleted);
  EXPECT_EQ(world.Text(), "page-1\n\fpage-2\n\fpage-3\n");
  EXPECT_FALSE(world.store.Stat(UnfinishedKey(world.session)).ok());
  EXPECT_TRUE(world.queue.tasks.empty());
}

TEST(Batch, LeavesARestToItsSuccessorWhichExistsBeforeTheAcknowledgement) {
  TaskWorld world(5, {.batch_size = 2, .program_version = "test"});
  EXPECT_EQ(world.Deliver(world.FirstTask()).pages_processed, 2);
  ASSERT_EQ(world.queue.tasks.size(), 1u);
  EXPECT_EQ(world.queue.tasks.front().task.sequence, 1);
  world.DeliverAll();
  EXPECT_EQ(world.Record().state, SessionState::kCompleted);
}

TEST(Batch, IsDeliveredAgainWhenTheSuccessorCannotBeEnqueued) {
  TaskWorld world(5, {.batch_size = 2, .program_version = "test"});
  world.queue.broken = true;
  const BatchReport report = world.Deliver(world.FirstTask());
  EXPECT_EQ(report.verdict, Verdict::kRetry);
  ASSERT_TRUE(report.error.has_value());
  EXPECT_EQ(report.error->code, ErrorCode::kUnavailable);
}

TEST(Batch, ADuplicateDeliveryReadsNothingTwice) {
  TaskWorld world(3);
  world.Deliver(world.FirstTask());
  const BatchReport again = world.Deliver(world.FirstTask());
  EXPECT_EQ(again.verdict, Verdict::kAcknowledge);
  EXPECT_EQ(again.pages_processed, 0);
  EXPECT_EQ(world.pages.read, (std::vector<int>{1, 2, 3}));
}

TEST(Batch, ADamagedPageIsAFailedResultAtOnce) {
  TaskWorld world(3);
  world.pages.errors[2] = {ErrorCode::kDamaged, "no such object", ""};
  world.Deliver(world.FirstTask());
  const Processing record = world.Record();
  EXPECT_EQ(record.state, SessionState::kCompletedWithErrors);
  EXPECT_EQ(record.pages.at(2).status, PageStatus::kFailed);
  EXPECT_EQ(record.pages.at(2).attempts, 1);
  EXPECT_NE(world.Text().find("[page 2 could not be read"), std::string::npos);
}

TEST(Batch, APageWhoseChildDiesIsTriedThreeTimesAndCostsItsNeighboursNothing) {
  TaskWorld world(3);
  world.pages.errors[2] = {ErrorCode::kChildDied, "killed by signal 11", ""};
  int attempts = 0;
  world.pages.before_read = [&](int page) { attempts += page == 2 ? 1 : 0; };
  world.queue.tasks.push_back({world.FirstTask(), std::nullopt});
  world.DeliverAll();
  EXPECT_EQ(attempts, 3);
  EXPECT_EQ(world.Record().state, SessionState::kCompletedWithErrors);
  EXPECT_EQ(world.pages.read, (std::vector<int>{1, 3}));
  const auto result = world.ReadResult(2);
  ASSERT_TRUE(result.ok());
  EXPECT_NE(result->error->message.find("gave up after 3 attempts"), std::string::npos);
  EXPECT_NE(result->error->message.find("killed by signal 11"), std::string::npos);
}

TEST(Batch, AFullDiskFailsNoPageAndIsTriedAgain) {
  TaskWorld world(3);
  world.pages.errors[1] = {ErrorCode::kDiskFull, "no space left", ""};
  const BatchReport report = world.Deliver(world.FirstTask());
  EXPECT_EQ(report.verdict, Verdict::kRetry);
  EXPECT_EQ(report.error->code, ErrorCode::kDiskFull);
  for (const auto& [page, entry] : world.Record().pages) {
    EXPECT_EQ(entry.status, PageStatus::kPending) << page;
    EXPECT_EQ(entry.attempts, 0) << page;
  }
  world.pages.errors.clear();
  world.Deliver(world.FirstTask());
  EXPECT_EQ(world.Record().state, SessionState::kCompleted);
}

TEST(Batch, AStopRequestGivesUnstartedPagesBack) {
  TaskWorld world(3);
  std::stop_source stop;
  world.pages.before_read = [&](int) { stop.request_stop(); };
  DocumentReader reader(world.pages);
  const BatchReport report = world.processor->Run(world.FirstTask(), reader, stop.get_token());
  EXPECT_EQ(report.verdict, Verdict::kRetry);
  EXPECT_EQ(report.pages_processed, 1);
  const Processing record = world.Record();
  EXPECT_EQ(record.pages.at(2).status, PageStatus::kPending);
  EXPECT_EQ(record.pages.at(2).attempts, 0);
  EXPECT_EQ(record.pages.at(2).owner, "");
}

TEST(Batch, StopsWhenTheSessionIsCancelledInBetween) {
  TaskWorld world(3);
  world.pages.before_read = [&](int page) {
    if (page != 2) return;
    EXPECT_TRUE(CancelSession(world.Actions(), world.session).ok());
  };
  EXPECT_EQ(world.Deliver(world.FirstTask()).verdict, Verdict::kAcknowledge);
  EXPECT_EQ(world.Record().state, SessionState::kCancelled);
  EXPECT_EQ(world.pages.read, (std::vector<int>{1, 2}));
}

TEST(Batch, AcknowledgesATaskOfADeletedSession) {
  TaskWorld world(3);
  EXPECT_TRUE(DeleteSession(world.Actions(), world.session).ok());
  EXPECT_EQ(world.Deliver(world.FirstTask()).verdict, Verdict::kAcknowledge);
  EXPECT_TRUE(world.pages.read.empty());
}

TEST(Batch, LeavesNothingOfAPageWhoseSessionIsDeletedWhileItIsRead) {
  for (const int last_page : {2, 3}) {
    TaskWorld world(3);
    world.pages.before_read = [&](int page) {
      if (page != last_page) return;
      EXPECT_TRUE(DeleteSession(world.Actions(), world.session).ok());
    };
    EXPECT_EQ(world.Deliver(world.FirstTask()).verdict, Verdict::kAcknowledge);
    EXPECT_EQ(world.store.List(SessionFolder(world.session))->size(), 0u);
    EXPECT_TRUE(world.queue.tasks.empty());
  }
}

TEST(Batch, LeavesNoFailureOfAPageWhoseSessionIsDeletedWhileItIsRead) {
  TaskWorld world(3);
  world.pages.errors[3] = Error{ErrorCode::kDamaged, "torn", ""};
  world.pages.before_read = [&](int page) {
    if (page != 3) return;
    EXPECT_TRUE(DeleteSession(world.Actions(), world.session).ok());
  };
  EXPECT_EQ(world.Deliver(world.FirstTask()).verdict, Verdict::kAcknowledge);
  EXPECT_EQ(world.store.List(SessionFolder(world.session))->size(), 0u);
}

TEST(Batch, TheBudgetEndsTheBatchBeforeTheDeadline) {
  TaskWorld world(5, {.batch_size = 5,
                      .dispatch_deadline = Seconds(300),
                      .page_budget = Seconds(100),
                      .program_version = "test"});
  world.pages.before_read = [&](int) { world.clock.now += Seconds(90); };
  EXPECT_EQ(world.Deliver(world.FirstTask()).pages_processed, 2);
  EXPECT_EQ(world.Record().pages.at(4).attempts, 0);
  EXPECT_EQ(world.queue.tasks.size(), 1u);
}

TEST(Batch, ALostRecordIsRebuiltFromTheResults) {
  TaskWorld world(4, {.batch_size = 2, .program_version = "test"});
  world.Deliver(world.FirstTask());
  ASSERT_TRUE(world.store.Delete(ProcessingKey(world.session), kAnyGeneration).ok());
  world.book->Forget(world.session);
  world.DeliverAll();
  EXPECT_EQ(world.Record().state, SessionState::kCompleted);
  EXPECT_EQ(world.pages.read, (std::vector<int>{1, 2, 3, 4}));
}

TEST(Batch, ATornResultIsReadAgainBeforeTheEnd) {
  TaskWorld world(4, {.batch_size = 2, .program_version = "test"});
  world.Deliver(world.FirstTask());
  const std::string key = PageKey(world.session, PageFile::kResult, 1, 4);
  ASSERT_TRUE(world.store.Write(key, "{ torn", kAnyGeneration).ok());
  world.DeliverAll();
  EXPECT_EQ(world.Record().state, SessionState::kCompleted);
  EXPECT_EQ(world.Text(), "page-1\n\fpage-2\n\fpage-3\n\fpage-4\n");
}

TEST(Batch, AMissingOriginalFailsThePagesWithAReason) {
  TaskWorld world(2);
  ASSERT_TRUE(world.store.Delete(OriginalKey(world.session, "pdf"), kAnyGeneration).ok());
  world.Deliver(world.FirstTask());
  EXPECT_EQ(world.Record().state, SessionState::kFailed);
  EXPECT_NE(world.Record().pages.at(1).error->find("no longer exists"), std::string::npos);
}

TEST(Batch, OpensADocumentOnceForSeveralBatches) {
  TaskWorld world(5, {.batch_size = 2, .program_version = "test"});
  DocumentReader reader(world.pages);
  world.processor->Run(world.FirstTask(), reader, std::stop_token());
  world.processor->Run(world.queue.tasks.front().task, reader, std::stop_token());
  EXPECT_EQ(world.pages.opened, 1);
}

// However slow the store was until the first page, each delivery gets on.
TEST(Batch, TriesOnePageAlsoWhenItsTimeIsUp) {
  TaskWorld world(3, {.batch_size = 10,
                      .dispatch_deadline = Seconds(180),
                      .page_budget = Seconds(120),
                      .program_version = "test"});
  world.pages.before_read = [&](int) { world.clock.now += Seconds(30); };
  world.Deliver(world.FirstTask());
  EXPECT_EQ(world.pages.read, (std::vector<int>{1}));
  world.DeliverAll();
  EXPECT_EQ(world.Record().state, SessionState::kCompleted);
}

TEST(Batch, TriesAPageThatTimedOutOnceMoreCheaperAndShorter) {
  TaskWorld world(2, {.batch_size = 10, .page_budget = Seconds(120), .program_version = "test"});
  std::vector<PageRequest> requests;
  world.pages.errors[1] = {ErrorCode::kTimeout, "took longer than PAGE_TIMEOUT", ""};
  world.pages.before_read = [&](int) { requests.push_back(world.pages.last_request); };
  world.Deliver(world.FirstTask());
  EXPECT_EQ(world.pages.last_request.effort, Effort::kFull);
  world.DeliverAll();
  EXPECT_EQ(requests.size(), 3u);  // page 1 twice, page 2 once
  EXPECT_EQ(world.pages.last_request.page, 1);
  EXPECT_EQ(world.pages.last_request.effort, Effort::kReduced);
  EXPECT_EQ(world.pages.last_request.time_limit, Seconds(60));
  EXPECT_EQ(world.Record().state, SessionState::kCompletedWithErrors);
  EXPECT_NE(world.ReadResult(1)->error->message.find("gave up after 2 attempts"),
            std::string::npos);
}

TEST(Batch, TheOtherPagesOfADocumentWhosePageTimedOutGetLessTime) {
  TaskWorld world(2, {.batch_size = 1, .page_budget = Seconds(120), .program_version = "test"});
  for (const int page : {1, 2}) world.pages.errors[page] = {ErrorCode::kTimeout, "too long", ""};
  ASSERT_TRUE(world.book
                  ->Update(world.session,
                           [&](Processing& record, const Outcomes&) {
                             record.pages.at(1).attempts = 2;
                             record.pages.at(1).failures = 2;
                             record.pages.at(1).timeouts = 2;
                             return true;
                           })
                  .ok());
  world.Deliver(world.FirstTask());
  EXPECT_EQ(world.pages.last_request.page, 2);
  EXPECT_EQ(world.pages.last_request.effort, Effort::kFull);
  EXPECT_EQ(world.pages.last_request.time_limit, Seconds(60));
}

TEST(Batch, GivesWayToAnotherOwnerAfterAPage) {
  bool others = true;
  TaskWorld world(3, {.batch_size = 10,
                      .program_version = "test",
                      .others_wait = [&](const SessionKey&, Time) { return others; }});
  world.Deliver(world.FirstTask());
  EXPECT_EQ(world.pages.read, (std::vector<int>{1}));
  EXPECT_EQ(world.Record().pages.at(2).status, PageStatus::kPending);
  EXPECT_EQ(world.Record().pages.at(2).attempts, 0);
  ASSERT_EQ(world.queue.tasks.size(), 1u);
  others = false;
  world.DeliverAll();
  EXPECT_EQ(world.Text(), "page-1\n\fpage-2\n\fpage-3\n");
}

TEST(Batch, ReadsNoPageBelowTheFloorOfTheDisk) {
  Status room = Error{ErrorCode::kDiskFull, "the disk is full except for a reserve", ""};
  TaskWorld world(2, {.batch_size = 10, .program_version = "test", .room = [&] { return room; }});
  EXPECT_EQ(world.Deliver(world.FirstTask()).verdict, BatchReport::Verdict::kRetry);
  EXPECT_TRUE(world.pages.read.empty());
  EXPECT_EQ(world.Record().pages.at(1).attempts, 0);
  room = Ok();
  world.Deliver(world.FirstTask());
  EXPECT_EQ(world.Record().state, SessionState::kCompleted);
}

TEST(Batch, ATaskOfAnotherIncarnationDoesNothing) {
  TaskWorld world(1);
  Task stale = world.FirstTask();
  stale.incarnation = "00000000000000bb";
  EXPECT_EQ(world.Deliver(stale).verdict, BatchReport::Verdict::kAcknowledge);
  EXPECT_TRUE(world.pages.read.empty());
  EXPECT_EQ(world.Record().state, SessionState::kQueued);
  EXPECT_TRUE(world.store.Stat(MetadataKey(world.session)).ok());
}

TEST(Batch, AResultOfAnotherIncarnationIsReadAgain) {
  TaskWorld world(1);
  PageResult foreign;
  foreign.page = 1;
  foreign.completed = true;
  foreign.incarnation = "00000000000000bb";
  foreign.text = "somebody else's letter";
  ASSERT_TRUE(world.store
                  .Write(PageKey(world.session, PageFile::kResult, 1, 1), EncodePageResult(foreign),
                         kAbsent)
                  .ok());
  world.Deliver(world.FirstTask());
  world.DeliverAll();
  EXPECT_EQ(world.Text(), "page-1\n");
}

// One reader, two lives of one id: what is open is not what is wanted.
TEST(DocumentReader, OpensTheDocumentOfAnotherIncarnationAnew) {
  TaskWorld world(1);
  DocumentReader reader(world.pages);
  ASSERT_TRUE(reader.Open(world.store, world.session, world.metadata).ok());
  ASSERT_TRUE(reader.Open(world.store, world.session, world.metadata).ok());
  EXPECT_EQ(world.pages.opened, 1);
  Metadata other = world.metadata;
  other.incarnation = "00000000000000bb";
  ASSERT_TRUE(reader.Open(world.store, world.session, other).ok());
  EXPECT_EQ(world.pages.opened, 2);
}

// A worker that a queue outside calls may be told to read for an owner whose turn it is.
TEST(Batch, ReadsForAnotherOwnerAndKeepsItsOwnTask) {
  SessionKey turn;
  TaskWorld world(2, {.batch_size = 1,
                      .program_version = "test",
                      .session_for_turn = [&](const Task&) { return turn; }});
  turn = world.session;
  Task host = world.FirstTask();
  host.session = {UserHash("other@example.org"), "00000000-0000-4000-8000-00000000000f"};
  EXPECT_EQ(world.Deliver(host).verdict, BatchReport::Verdict::kAcknowledge);
  EXPECT_EQ(world.pages.read, (std::vector<int>{1}));
  ASSERT_EQ(world.queue.tasks.size(), 1u);
  EXPECT_EQ(world.queue.tasks.front().task.session, host.session);
  EXPECT_EQ(world.queue.tasks.front().task.sequence, host.sequence + 1);
}

TEST(Batch, ReadsForItsOwnOwnerWhereTheOthersHaveNothingToClaim) {
  SessionKey turn;
  TaskWorld world(2, {.batch_size = 1,
                      .program_version = "test",
                      .session_for_turn = [&](const Task&) { return turn; }});
  turn = {world.session.user_hash, "00000000-0000-4000-8000-00000000000f"};  // being uploaded
  EXPECT_EQ(world.Deliver(world.FirstTask()).verdict, BatchReport::Verdict::kAcknowledge);
  EXPECT_EQ(world.pages.read, (std::vector<int>{1}));
  ASSERT_EQ(world.queue.tasks.size(), 1u);  // not two: a chain that doubles never ends
  Metadata other = world.metadata;
  other.session_id = turn.session_id;
  Processing leased = NewProcessing(other, {1, 2}, 10);
  ClaimPages(leased, {},
             {.task_name = "x", .owner = "x/1", .now = world.clock.now, .lease = Seconds(60)}, {});
  ASSERT_TRUE(world.store.Write(OriginalKey(turn, "pdf"), "x", kAbsent).ok());
  ASSERT_TRUE(world.store.Write(MetadataKey(turn), EncodeMetadata(other), kAbsent).ok());
  ASSERT_TRUE(world.store.Write(ProcessingKey(turn), EncodeProcessing(leased), kAbsent).ok());
  ASSERT_TRUE(WriteMarker(world.store, turn, "me@example.org", world.clock.now).ok());
  world.DeliverAll();
  EXPECT_EQ(world.pages.read, (std::vector<int>{1, 2}));
  EXPECT_EQ(world.Record().state, SessionState::kCompleted);
  EXPECT_TRUE(world.store.Stat(UnfinishedKey(turn)).ok());
}

TEST(Batch, AsksForAnotherTurnWhereTheFirstHasNothingToClaim) {
  std::vector<SessionKey> turns;
  TaskWorld world(1, {.program_version = "test", .session_for_turn = [&](const Task&) {
                        const SessionKey turn = turns.front();
                        turns.erase(turns.begin());
                        return turn;
                      }});
  turns = {{UserHash("absent@example.org"), "00000000-0000-4000-8000-00000000000e"}, world.session};
  Task host = world.FirstTask();
  host.session = {UserHash("other@example.org"), "00000000-0000-4000-8000-00000000000f"};
  EXPECT_EQ(world.Deliver(host).pages_processed, 1);
  ASSERT_EQ(world.queue.tasks.size(), 1u);
  EXPECT_EQ(world.queue.tasks.front().task.session, host.session);
}

// A marker without metadata.json is an upload in progress: a worker that draws it leaves it alone.
TEST(Batch, LeavesAnUploadUnderWayAlone) {
  TaskWorld world(1);
  const SessionKey upload{world.session.user_hash, "00000000-0000-4000-8000-00000000000f"};
  ASSERT_TRUE(WriteMarker(world.store, upload, "me@example.org", world.clock.now).ok());
  ASSERT_TRUE(world.store.Write(OriginalKey(upload, "pdf"), "half", kAbsent).ok());
  Task task = world.FirstTask();
  task.session = upload;
  EXPECT_EQ(world.Deliver(task).verdict, BatchReport::Verdict::kAcknowledge);
  EXPECT_TRUE(world.store.Stat(OriginalKey(upload, "pdf")).ok());
  ASSERT_TRUE(RecoverAll(world.Actions(), Leases::kRespect).ok());
  ASSERT_TRUE(Sweep(world.Actions()).ok());
  EXPECT_TRUE(world.store.Stat(OriginalKey(upload, "pdf")).ok());
  world.clock.now += Seconds(25 * 3600);
  ASSERT_TRUE(RecoverAll(world.Actions(), Leases::kRespect).ok());
  EXPECT_FALSE(world.store.Stat(OriginalKey(upload, "pdf")).ok());
}

}  // namespace
}  // namespace gnosis
