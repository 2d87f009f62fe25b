#include <set>

#include "base/id.h"
#include "support/api_fixture.h"
#include "task/job_actions.h"

namespace gnosis {
namespace {

class JobViewTest : public ApiTest {
 protected:
  Pending Poll(const std::string& id, const std::string& query, const Headers& headers = {}) {
    return Begin(Request("GET", Path(id, query), headers));
  }
  int64_t Revision(const std::string& id) { return *JsonInteger(Get(Path(id)).json(), "revision"); }
};

TEST_F(JobViewTest, BothPathsShowTheJob) {
  const std::string id = Submit();
  const Reply reply = Get(Path(id));
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.json()["job_id"], id);
  EXPECT_EQ(reply.json()["links"]["events"], Path(id, "/events"));
  EXPECT_EQ(Get(Path(id, "/status")).json(), reply.json());
}

TEST_F(JobViewTest, WhatIsNoIdNeverTouchesTheStore) {
  const int calls = store_->calls;
  for (const char* id : {"x", "..", "%2e%2e", "a%2Fb", "00000000-0000-0000-0000-00000000000",
                         "ABCDEF00-0000-4000-8000-000000000000", "%C3%A4"}) {
    EXPECT_EQ(Get(Path(id)).code(), "not_found") << id;
    EXPECT_EQ(Get(Path(id, "/result")).code(), "not_found") << id;
    EXPECT_EQ(Send("DELETE", Path(id)).code(), "not_found") << id;
  }
  EXPECT_EQ(store_->calls, calls);
}

TEST_F(JobViewTest, AnUnknownJobIsNotFound) { EXPECT_EQ(Get(Path(RandomUuid())).status, 404); }

TEST_F(JobViewTest, AnExpiredJobIsGoneBeforeAndAfterTheSweep) {
  const std::string id = SubmitAndRead();
  clock_.now += Seconds(8 * 24 * 3600);
  EXPECT_EQ(Get(Path(id)).status, 410);
  EXPECT_EQ(Get(Path(id)).code(), "gone");
  const ActionContext actions{*store_, queue_, *book_, clock_, 1, "1.2.3"};
  ASSERT_TRUE(Sweep(actions).ok());
  for (const char* rest : {"", "/pages", "/pages/1", "/pages/1.txt", "/result", "/events"}) {
    EXPECT_EQ(Get(Path(id, rest)).status, 410) << rest;
  }
  EXPECT_EQ(Get("/api/v1/jobs").json()["jobs"].size(), 0u);
}

TEST_F(JobViewTest, ATagSavesTheBodyUntilSomethingChanges) {
  const std::string id = Submit();
  const std::string tag = Get(Path(id)).header("ETag");
  EXPECT_TRUE(tag.starts_with("W/\"e0-r")) << tag;
  const Headers known{{"If-None-Match", "\"other\", " + tag}};
  const Reply same = Get(Path(id), known);
  EXPECT_EQ(same.status, 304);
  EXPECT_EQ(same.body, "");
  EXPECT_EQ(same.header("ETag"), tag);
  Work();
  const Reply changed = Get(Path(id), known);
  EXPECT_EQ(changed.status, 200);
  EXPECT_NE(changed.header("ETag"), tag);
}

TEST_F(JobViewTest, ALongPollWakesAtTheNextChange) {
  const std::string id = Submit();
  const int64_t since = Revision(id);
  Pending pending = Poll(id, "?wait=30&since=" + std::to_string(since));
  ASSERT_TRUE(pending.waiting());
  EXPECT_EQ(pending.timeout(), Seconds(30));
  EXPECT_FALSE(pending.woken());
  Work();
  EXPECT_TRUE(pending.woken());
  pending.GoOn(Exchange::Why::kWoken);
  EXPECT_GT(*JsonInteger(pending.reply().json(), "revision"), since);
}

TEST_F(JobViewTest, AChangeBetweenTheLookAndTheWaitIsNotMissed) {
  const std::string id = Submit();
  const auto exchange = api_->Start(Request("GET", Path(id, "?wait=30")));
  Answer answer = exchange->End(Exchange::Why::kBodyDone);
  ASSERT_TRUE(std::holds_alternative<WaitFor>(answer));
  Work();
  bool woken = false;
  const auto subscription = std::get<WaitFor>(answer).subscribe([&] { woken = true; });
  EXPECT_TRUE(woken);
}

TEST_F(JobViewTest, AWaiterThatHangsUpIsForgotten) {
  const std::string id = Submit();
  int wakes = 0;
  {
    const auto exchange = api_->Start(Request("GET", Path(id, "?wait=30")));
    Answer answer = exchange->End(Exchange::Why::kBodyDone);
    const auto subscription = std::get<WaitFor>(answer).subscribe([&] { ++wakes; });
  }
  Work();
  EXPECT_EQ(wakes, 0);
}

TEST_F(JobViewTest, AWakeWithoutNewsWaitsOnForTheRest) {
  const std::string id = Submit();
  Pending pending = Poll(id, "?wait=30");
  clock_.now += Seconds(12);
  pending.GoOn(Exchange::Why::kWoken);
  EXPECT_EQ(pending.timeout(), Seconds(18));
  clock_.now += Seconds(18);
  pending.GoOn(Exchange::Why::kWoken);
  EXPECT_EQ(pending.reply().status, 200);
}

TEST_F(JobViewTest, ATimeoutShowsTheUnchangedJob) {
  const std::string id = Submit();
  Pending pending = Poll(id, "?wait=30");
  pending.GoOn(Exchange::Why::kTimeout);
  EXPECT_EQ(pending.reply().status, 200);
  const std::string tag = Get(Path(id)).header("ETag");
  Pending known = Poll(id, "?wait=30", {{"If-None-Match", tag}});
  known.GoOn(Exchange::Why::kTimeout);
  EXPECT_EQ(known.reply().status, 304);
}

TEST_F(JobViewTest, NewsThatIsThereAlreadyNeedsNoWait) {
  const std::string id = Submit();
  const int64_t since = Revision(id);
  EXPECT_FALSE(Poll(id, "?wait=30&since=0").waiting());
  EXPECT_FALSE(Poll(id, "?wait=30&since=999999").waiting());
  EXPECT_FALSE(Poll(id, "?since=" + std::to_string(since)).waiting());
  EXPECT_EQ(Poll(id, "?wait=3000").timeout(), Seconds(60));
  WorkUntilDone();
  EXPECT_FALSE(Poll(id, "?wait=30&since=" + std::to_string(Revision(id))).waiting());
}

TEST_F(JobViewTest, ADeletedJobEndsTheWait) {
  const std::string id = Submit();
  Pending pending = Poll(id, "?wait=30");
  EXPECT_EQ(Send("DELETE", Path(id)).status, 204);
  EXPECT_TRUE(pending.woken());
  pending.GoOn(Exchange::Why::kWoken);
  EXPECT_EQ(pending.reply().status, 404);
}

TEST_F(JobViewTest, AWaitThatIsNoNumberIsRefused) {
  const std::string id = Submit();
  for (const char* query : {"?wait=soon", "?wait=-1", "?wait=", "?since=x", "?wait=1.5"}) {
    EXPECT_EQ(Get(Path(id, query)).code(), "invalid_argument") << query;
  }
}

TEST_F(JobViewTest, AFailedJobIsAGoodAnswerAboutAFailedJob) {
  const std::string id = SubmitAndRead("%PDF-1.7 pages=1 bad=1");
  const Reply reply = Get(Path(id));
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.json()["status"], "failed");
}

class JobListTest : public ApiTest {
 protected:
  std::vector<std::string> Ids(const Reply& reply) {
    const Json json = reply.json();
    std::vector<std::string> ids;
    for (const Json& job : json["jobs"]) ids.push_back(job["job_id"]);
    return ids;
  }
  std::vector<std::string> SubmitSome(int count) {
    std::vector<std::string> ids;
    for (int i = 0; i < count; ++i) {
      clock_.now += Seconds(1);
      ids.insert(ids.begin(), Submit("%PDF-1.7 pages=1"));
    }
    return ids;
  }
};

TEST_F(JobListTest, AnEmptyStoreHasNoJobs) {
  const Reply reply = Get("/api/v1/jobs");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.json()["jobs"], Json::array());
  EXPECT_EQ(reply.json()["next_cursor"], nullptr);
}

TEST_F(JobListTest, TheNewestComesFirst) {
  const auto ids = SubmitSome(3);
  EXPECT_EQ(Ids(Get("/api/v1/jobs")), ids);
}

TEST_F(JobListTest, ACursorGoesOnWhereTheLastAnswerEndedAlsoWhenNewJobsCame) {
  const auto ids = SubmitSome(5);
  std::vector<std::string> seen;
  std::string target = "/api/v1/jobs?limit=2";
  for (int i = 0; i < 3; ++i) {
    const Reply reply = Get(target);
    for (const std::string& id : Ids(reply)) seen.push_back(id);
    const auto cursor = JsonString(reply.json(), "next_cursor");
    EXPECT_EQ(cursor.has_value(), i < 2);
    target = "/api/v1/jobs?limit=2&cursor=" + cursor.value_or("");
    SubmitSome(1);
  }
  EXPECT_EQ(seen, ids);
}

TEST_F(JobListTest, JobsOfTheSameMomentAreEachShownOnce) {
  for (int i = 0; i < 5; ++i) Submit("%PDF-1.7 pages=1");
  std::set<std::string> seen;
  std::string target = "/api/v1/jobs?limit=1";
  for (int i = 0; i < 5; ++i) {
    const Reply reply = Get(target);
    for (const std::string& id : Ids(reply)) seen.insert(id);
    target = "/api/v1/jobs?limit=1&cursor=" + JsonString(reply.json(), "next_cursor").value_or("");
  }
  EXPECT_EQ(seen.size(), 5u);
}

TEST_F(JobListTest, StatesAreFiltered) {
  const std::string done = SubmitAndRead("%PDF-1.7 pages=1");
  clock_.now += Seconds(1);
  const std::string waiting = Submit("%PDF-1.7 pages=1");
  EXPECT_EQ(Ids(Get("/api/v1/jobs?state=completed")), std::vector<std::string>{done});
  EXPECT_EQ(Ids(Get("/api/v1/jobs?state=queued")), std::vector<std::string>{waiting});
  EXPECT_EQ(Ids(Get("/api/v1/jobs?state=queued,completed")).size(), 2u);
  EXPECT_EQ(Ids(Get("/api/v1/jobs?state=failed")).size(), 0u);
}

TEST_F(JobListTest, NonsenseIsRefused) {
  for (const char* query : {"?state=done", "?limit=0", "?limit=201", "?limit=x", "?cursor=x",
                            "?cursor=", "?cursor=1.2", "?cursor=zz.00000000-0000-4000-8000-0"}) {
    EXPECT_EQ(Get(std::string("/api/v1/jobs") + query).code(), "invalid_argument") << query;
  }
}

TEST_F(JobListTest, AHalfMadeOrDamagedFolderHidesNothingElse) {
  const std::string id = Submit("%PDF-1.7 pages=1");
  ASSERT_TRUE(disk_->Write(OriginalKey(Session(RandomUuid()), "pdf"), "x", kAbsent).ok());
  ASSERT_TRUE(disk_->Write(MetadataKey(Session(RandomUuid())), "{torn", kAbsent).ok());
  EXPECT_EQ(Ids(Get("/api/v1/jobs")), std::vector<std::string>{id});
}

}  // namespace
}  // namespace gnosis
