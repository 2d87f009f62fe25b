#include "session/status.h"

#include <gtest/gtest.h>

#include "support/sample_session.h"

namespace gnosis {
namespace {

using sample::Completed;
using sample::Failed;
using sample::kNow;
using sample::SampleMetadata;
using sample::SampleRecord;

constexpr Seconds kLease{600};

class StatusOfAJob : public testing::Test {
 protected:
  JobStatus Derive(Time now = kNow) { return DeriveStatus(metadata_, record_, now); }
  void ClaimSome(int pages, Time now = kNow) {
    ClaimPages(record_, {}, ClaimRequest{"a", "a/1", now, kLease, pages, 1}, Limits{});
  }
  void Complete(int page, Time when) {
    PageOutcome outcome = Completed(page);
    outcome.completed_at = when;
    MergeOutcome(record_, outcome);
  }
  void Finish() { record_.state = FinalState(record_); }

  Metadata metadata_ = SampleMetadata(3);
  Processing record_ = SampleRecord(3);
};

TEST_F(StatusOfAJob, ThatNobodyWorksOnIsWaiting) {
  const JobStatus status = Derive();
  EXPECT_EQ(status.message, "waiting");
  EXPECT_EQ(status.percent, 0);
  EXPECT_EQ(status.current_page, std::nullopt);
  EXPECT_EQ(status.eta_seconds, std::nullopt);
  EXPECT_EQ(status.pages.pending, 3);
}

TEST_F(StatusOfAJob, SaysWhichPageIsBeingRead) {
  ClaimSome(2);
  Complete(1, kNow + Seconds(1));
  const JobStatus status = Derive();
  EXPECT_EQ(status.current_page, 2);
  EXPECT_EQ(status.message, "processing page 2 of 3");
  EXPECT_EQ(status.attempts, 1);
}

TEST_F(StatusOfAJob, WhoseLeasesExpiredIsWaiting) {
  ClaimSome(2);
  EXPECT_EQ(Derive(kNow + kLease).message, "waiting");
}

TEST_F(StatusOfAJob, RoundsThePercentDown) {
  MergeOutcomes(record_, {{1, Completed(1)}, {2, Failed(2)}});
  EXPECT_EQ(Derive().percent, 66);
}

TEST_F(StatusOfAJob, IsNeverAtAHundredPercentBeforeItIsFinal) {
  MergeOutcomes(record_, {{1, Completed(1)}, {2, Completed(2)}, {3, Completed(3)}});
  EXPECT_EQ(Derive().percent, 99);
  EXPECT_EQ(Derive().message, "combining the results");
  Finish();
  EXPECT_EQ(Derive().percent, 100);
}

TEST_F(StatusOfAJob, ThatIsDoneSaysSo) {
  MergeOutcomes(record_, {{1, Completed(1)}, {2, Completed(2)}, {3, Completed(3)}});
  Finish();
  EXPECT_EQ(Derive().message, "done");
  EXPECT_EQ(Derive().eta_seconds, std::nullopt);
}

TEST_F(StatusOfAJob, CountsThePagesThatCouldNotBeRead) {
  MergeOutcomes(record_, {{1, Completed(1)}, {2, Completed(2)}, {3, Failed(3)}});
  Finish();
  EXPECT_EQ(Derive().message, "done, 1 page failed");
  record_ = SampleRecord(3);
  MergeOutcomes(record_, {{1, Completed(1)}, {2, Failed(2)}, {3, Failed(3)}});
  Finish();
  EXPECT_EQ(Derive().message, "done, 2 pages failed");
}

TEST_F(StatusOfAJob, ThatFailedSaysWhy) {
  MergeOutcomes(record_, {{1, Failed(1)}, {2, Failed(2)}, {3, Failed(3)}});
  Finish();
  EXPECT_EQ(Derive().message, "all pages failed");
  record_.error = "the document is damaged";
  EXPECT_EQ(Derive().message, "the document is damaged");
  EXPECT_EQ(Derive().error, "the document is damaged");
}

TEST_F(StatusOfAJob, ThatIsCancelledStaysWhereItWas) {
  ClaimSome(1);
  MergeOutcome(record_, Completed(3));
  CancelRecord(record_, kNow);
  EXPECT_EQ(Derive().message, "cancelled");
  EXPECT_EQ(Derive().percent, 33);
  EXPECT_EQ(Derive().current_page, std::nullopt);
  EXPECT_EQ(Derive().eta_seconds, std::nullopt);
}

TEST_F(StatusOfAJob, EstimatesTheTimeLeftFromThePagesThatAreFinished) {
  ClaimSome(2);
  Complete(1, kNow + Seconds(10));
  EXPECT_EQ(Derive(kNow + Seconds(10)).eta_seconds, 20);  // 10 s for one page, two are left
  Complete(2, kNow + Seconds(15));
  EXPECT_EQ(Derive(kNow + Seconds(15)).eta_seconds, 8);  // 15 s for two pages, one is left
}

TEST_F(StatusOfAJob, EstimatesNothingFromPagesFinishedLongAgo) {
  ClaimSome(1);
  Complete(1, kNow + Seconds(10));
  EXPECT_EQ(Derive(kNow + Seconds(86'400)).eta_seconds, std::nullopt);
  ClaimSome(1, kNow + Seconds(86'400));
  Complete(2, kNow + Seconds(86'410));
  EXPECT_EQ(Derive(kNow + Seconds(86'410)).eta_seconds, 10);
}

TEST_F(StatusOfAJob, EstimatesNoNegativeTimeWhenAClockIsWrong) {
  Complete(1, kNow + Seconds(3600));
  EXPECT_EQ(Derive().eta_seconds, 0);
}

TEST_F(StatusOfAJob, IsWrittenAsTheApiPromises) {
  metadata_.expires_at = kNow + Seconds(60);
  ClaimSome(2);
  Complete(1, kNow + Seconds(10));
  const Json expected = *ParseJson(R"({
    "job_id": "123e4567-e89b-42d3-a456-426614174000",
    "status": "processing",
    "progress": {"percent": 33, "current_page": 2, "total_pages": 3,
                 "message": "processing page 2 of 3"},
    "pages": {"completed": 1, "failed": 0, "pending": 1, "processing": 1},
    "eta_seconds": 20,
    "attempts": 1,
    "revision": 4,
    "epoch": 0,
    "file_name": "letter.pdf",
    "error": null,
    "created_at": "2025-07-11T18:00:00Z",
    "updated_at": "2025-07-11T18:00:00Z",
    "expires_at": "2025-07-11T18:01:00Z",
    "links": {
      "self": "/api/v1/jobs/123e4567-e89b-42d3-a456-426614174000",
      "status": "/api/v1/jobs/123e4567-e89b-42d3-a456-426614174000/status",
      "events": "/api/v1/jobs/123e4567-e89b-42d3-a456-426614174000/events",
      "pages": "/api/v1/jobs/123e4567-e89b-42d3-a456-426614174000/pages",
      "result": "/api/v1/jobs/123e4567-e89b-42d3-a456-426614174000/result",
      "retry": "/api/v1/jobs/123e4567-e89b-42d3-a456-426614174000/retry",
      "cancel": "/api/v1/jobs/123e4567-e89b-42d3-a456-426614174000/cancel"
    }
  })");
  EXPECT_EQ(DumpJson(StatusJson(Derive(kNow + Seconds(10))), 2), DumpJson(expected, 2));
}

TEST_F(StatusOfAJob, TellsARebuildWhatWasPublishedLast) {
  record_.state = SessionState::kCancelled;
  record_.revision = 77;
  record_.epoch = 3;
  const auto last = DecodeLastPublished(DumpJson(StatusJson(Derive())));
  ASSERT_TRUE(last.ok()) << last.error().message;
  EXPECT_EQ(last->state, SessionState::kCancelled);
  EXPECT_EQ(last->revision, 77);
  EXPECT_EQ(last->epoch, 3);
}

TEST(LastPublished, OfATornFileIsDamaged) {
  for (const char* text : {"", "{", "[]", "null", "{}", R"({"status": "queued", "revision": 1})",
                           R"({"status": "lost", "revision": 1, "epoch": 0})",
                           R"({"status": "queued", "revision": -1, "epoch": 0})",
                           R"({"status": "queued", "revision": 9223372036854775807, "epoch": 0})",
                           R"({"status": "queued", "revision": 1, "epoch": 3000000000})",
                           R"({"status": 7, "revision": 1, "epoch": 0})"}) {
    const auto last = DecodeLastPublished(text);
    ASSERT_FALSE(last.ok()) << text;
    EXPECT_EQ(last.code(), ErrorCode::kDamaged) << text;
  }
}

}  // namespace
}  // namespace gnosis
