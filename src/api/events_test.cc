#include "base/id.h"
#include "support/api_fixture.h"

namespace gnosis {
namespace {

struct HeardEvent {
  std::string name;
  std::string id;
  Json data;
};

class EventsTest : public ApiTest {
 protected:
  struct Listener {
    std::unique_ptr<LiveBody> body;
    std::unique_ptr<Subscription> subscription;
    std::shared_ptr<int> wakes = std::make_shared<int>(0);
    std::string raw;  // of the last Hear
    bool ended = false;

    // The next piece, as events.
    std::vector<HeardEvent> Hear() {
      raw.clear();
      ended = body->Next(raw) == LiveBody::Then::kEnd;
      std::vector<HeardEvent> events;
      size_t start = 0;
      for (size_t end = raw.find("\n\n"); end != std::string::npos; end = raw.find("\n\n", start)) {
        if (auto event = Parse(raw.substr(start, end - start))) events.push_back(*event);
        start = end + 2;
      }
      EXPECT_EQ(start, raw.size()) << "an event that does not end: " << raw;
      return events;
    }

    static std::optional<HeardEvent> Parse(const std::string& block) {
      HeardEvent event;
      size_t start = 0;
      while (start < block.size()) {
        const size_t end = std::min(block.find('\n', start), block.size());
        const std::string line = block.substr(start, end - start);
        if (line.starts_with("event: ")) event.name = line.substr(7);
        if (line.starts_with("id: ")) event.id = line.substr(4);
        if (line.starts_with("data: ")) event.data = *ParseJson(line.substr(6));
        start = end + 1;
      }
      return event.name.empty() ? std::nullopt : std::optional(event);
    }
  };

  Listener Listen(const std::string& id, const Headers& headers = {}) {
    Reply reply = Get(Path(id, "/events"), headers);
    EXPECT_EQ(reply.status, 200);
    Listener listener;
    listener.body = std::move(reply.live);
    listener.subscription = listener.body->OnChange([wakes = listener.wakes] { ++*wakes; });
    return listener;
  }
  static std::vector<std::string> Names(const std::vector<HeardEvent>& events) {
    std::vector<std::string> names;
    for (const HeardEvent& event : events) names.push_back(event.name);
    return names;
  }
  using List = std::vector<std::string>;
};

TEST_F(EventsTest, TheHeadersKeepProxiesFromHoldingThemBack) {
  const std::string id = Submit();
  const Reply reply = Get(Path(id, "/events"));
  EXPECT_EQ(reply.header("Content-Type"), "text/event-stream; charset=utf-8");
  EXPECT_EQ(reply.header("X-Accel-Buffering"), "no");
  EXPECT_EQ(reply.header("Cache-Control"), "no-store");
  ASSERT_TRUE(reply.live);
  EXPECT_EQ(reply.live->heartbeat, Seconds(15));
}

TEST_F(EventsTest, ASnapshotComesFirst) {
  const std::string id = Submit();
  Work();
  Listener listener = Listen(id);
  const auto events = listener.Hear();
  ASSERT_EQ(Names(events), List{"snapshot"});
  EXPECT_EQ(events[0].data["job"]["job_id"], id);
  EXPECT_EQ(events[0].id, std::to_string(*JsonInteger(events[0].data["job"], "revision")));
  EXPECT_EQ(events[0].data["pages"].size(), 3u);
  EXPECT_EQ(events[0].data["pages"][0]["status"], "completed");
  EXPECT_FALSE(listener.ended);
}

TEST_F(EventsTest, ThenWhatChanges) {
  const std::string id = Submit("%PDF-1.7 pages=3 bad=2");
  Listener listener = Listen(id);
  listener.Hear();
  Work();
  EXPECT_GT(*listener.wakes, 0);
  auto events = listener.Hear();
  ASSERT_EQ(Names(events), (List{"page", "state"}));
  EXPECT_EQ(events[0].data["page"], 1);
  EXPECT_EQ(events[0].data["status"], "completed");
  EXPECT_EQ(events[0].data["confidence"], 90);
  EXPECT_EQ(events[0].data["source"], "fake 1.0");
  EXPECT_EQ(events[0].data["error"], nullptr);
  EXPECT_EQ(events[1].data["status"], "processing");
  EXPECT_EQ(events[1].data["pages"]["completed"], 1);
  Work();
  events = listener.Hear();
  EXPECT_EQ(events[0].data["error"], "damaged: the page is empty");
  EXPECT_FALSE(listener.ended);
}

TEST_F(EventsTest, EverybodyHearsTheSameAlsoWhoMissedSomethingInBetween) {
  const std::string id = Submit();
  Listener first = Listen(id);
  Listener second = Listen(id);
  Listener late = Listen(id);
  for (Listener* listener : {&first, &second, &late}) listener->Hear();
  Work();
  first.Hear();
  second.Hear();
  EXPECT_FALSE(first.raw.empty());
  EXPECT_EQ(first.raw, second.raw);
  Work();
  const auto one = first.Hear();
  const auto both = late.Hear();
  second.Hear();
  EXPECT_EQ(first.raw, second.raw);
  EXPECT_GT(both.size(), one.size());
}

TEST_F(EventsTest, TheEndIsSaid) {
  const std::string id = Submit("%PDF-1.7 pages=1");
  Listener listener = Listen(id);
  listener.Hear();
  WorkUntilDone();
  const auto events = listener.Hear();
  ASSERT_EQ(Names(events), (List{"page", "state", "done"}));
  EXPECT_EQ(events[2].data["status"], "completed");
  EXPECT_TRUE(listener.ended);
}

TEST_F(EventsTest, WhoComesAfterTheEndHearsEverythingAtOnce) {
  const std::string id = SubmitAndRead();
  Listener listener = Listen(id);
  EXPECT_EQ(Names(listener.Hear()), (List{"snapshot", "done"}));
  EXPECT_TRUE(listener.ended);
}

TEST_F(EventsTest, WhoHeardTheEndIsToldToStopComingBack) {
  const std::string id = SubmitAndRead();
  Listener listener = Listen(id);
  const std::string last = listener.Hear().back().id;
  const Reply reply = Get(Path(id, "/events"), {{"Last-Event-ID", last}});
  EXPECT_EQ(reply.status, 204);
  EXPECT_FALSE(reply.live);
}

TEST_F(EventsTest, WhoMissedNothingGetsNoSecondSnapshot) {
  const std::string id = Submit();
  Listener first = Listen(id);
  const std::string last = first.Hear().back().id;
  Listener again = Listen(id, {{"Last-Event-ID", last}});
  EXPECT_EQ(Names(again.Hear()), List{});
  Work();
  EXPECT_EQ(Names(again.Hear()), (List{"page", "state"}));
}

TEST_F(EventsTest, WhoMissedSomethingGetsASnapshot) {
  const std::string id = Submit();
  Listener first = Listen(id);
  const std::string last = first.Hear().back().id;
  Work();
  Listener again = Listen(id, {{"Last-Event-ID", last}});
  EXPECT_EQ(Names(again.Hear()), List{"snapshot"});
  Listener nonsense = Listen(id, {{"Last-Event-ID", "x\"y"}});
  EXPECT_EQ(Names(nonsense.Hear()), List{"snapshot"});
}

TEST_F(EventsTest, WhenNothingHappensAHeartbeatIsHeard) {
  const std::string id = Submit();
  Listener listener = Listen(id);
  listener.Hear();
  EXPECT_EQ(Names(listener.Hear()), List{});
  EXPECT_TRUE(listener.raw.starts_with(":")) << listener.raw;
}

TEST_F(EventsTest, APageReadAnewIsNews) {
  const std::string id = SubmitAndRead("%PDF-1.7 pages=1");
  ASSERT_EQ(Post(Path(id, "/retry"), R"({"pages":[1]})").status, 202);
  Listener listener = Listen(id);
  EXPECT_EQ(listener.Hear()[0].data["pages"][0]["status"], "pending");
  WorkUntilDone();
  EXPECT_EQ(Names(listener.Hear()), (List{"page", "state", "done"}));
}

class ManyPagesTest : public EventsTest {
 protected:
  void Change(int first, int last, const std::string& source) {
    ASSERT_TRUE(book_
                    ->Update(Session(id_),
                             [&](Processing& record, const Outcomes&) {
                               for (int page = first; page <= last; ++page) {
                                 record.pages.at(page).source = source;
                               }
                               ++record.revision;
                               return true;
                             })
                    .ok());
  }
  // All pieces of the next round.
  static std::vector<HeardEvent> HearAll(Listener& listener, std::string begun = "") {
    const Story story(*listener.body);
    EXPECT_EQ(story.then, LiveBody::Then::kMore);
    EXPECT_LE(story.largest_bytes, 64u << 10);
    std::vector<HeardEvent> events;
    const std::string text = begun + story.text;
    size_t start = 0;
    for (size_t end = text.find("\n\n"); end != std::string::npos; end = text.find("\n\n", start)) {
      if (auto event = Listener::Parse(text.substr(start, end - start))) events.push_back(*event);
      start = end + 2;
    }
    EXPECT_EQ(start, text.size());
    return events;
  }
  const std::string id_ = Submit("%PDF-1.7 pages=5000");
};

TEST_F(ManyPagesTest, TheSnapshotComesInPieces) {
  Listener listener = Listen(id_);
  const auto events = HearAll(listener);
  ASSERT_EQ(Names(events), List{"snapshot"});
  ASSERT_EQ(events[0].data["pages"].size(), 5000u);
  for (int i = 0; i < 5000; ++i) ASSERT_EQ(events[0].data["pages"][i]["page"], i + 1);
  EXPECT_EQ(Names(HearAll(listener)), List{});
}

TEST_F(ManyPagesTest, ChangesComeInPiecesToo) {
  Listener first = Listen(id_);
  Listener second = Listen(id_);
  HearAll(first);
  HearAll(second);
  Change(1, 5000, "anew");
  for (Listener* listener : {&first, &second}) {
    const auto events = HearAll(*listener);
    ASSERT_EQ(events.size(), 5001u);
    for (int i = 0; i < 5000; ++i) ASSERT_EQ(events[i].data["page"], i + 1);
    EXPECT_EQ(events[5000].name, "state");
    // A client that is cut off before the end has missed something, and its last id must show that.
    for (int i = 0; i < 5000; ++i) ASSERT_EQ(events[i].id, "");
    EXPECT_EQ(events[5000].id, std::to_string(*JsonInteger(Get(Path(id_)).json(), "revision")));
  }
}

TEST_F(ManyPagesTest, WhatChangesDuringTheSnapshotIsToldOnce) {
  Listener listener = Listen(id_);
  std::string begun;
  ASSERT_EQ(listener.body->Next(begun), LiveBody::Then::kAtOnce);
  Change(10, 10, "told already");
  Change(4000, 4000, "not yet told");
  const auto snapshot = HearAll(listener, begun);
  ASSERT_EQ(Names(snapshot), List{"snapshot"});
  EXPECT_EQ(snapshot[0].data["pages"][9]["source"], nullptr);
  EXPECT_EQ(snapshot[0].data["pages"][3999]["source"], "not yet told");
  const auto events = HearAll(listener);
  ASSERT_EQ(Names(events), (List{"page", "state"}));
  EXPECT_EQ(events[0].data["page"], 10);
  EXPECT_EQ(Names(HearAll(listener)), List{});
}

TEST_F(ManyPagesTest, TheEndIsSaidWhenAllIsTold) {
  Listener listener = Listen(id_);
  std::string begun;
  ASSERT_EQ(listener.body->Next(begun), LiveBody::Then::kAtOnce);
  ASSERT_EQ(Post(Path(id_, "/cancel")).status, 202);
  const Story story(*listener.body);
  EXPECT_EQ(story.then, LiveBody::Then::kEnd);
  EXPECT_NE(story.text.find("]}\n\nevent: state"), std::string::npos);
  EXPECT_NE(story.text.find("event: done"), std::string::npos);
}

TEST_F(ManyPagesTest, ASnapshotOfAJobThatIsDeletedMeanwhileIsCut) {
  Listener listener = Listen(id_);
  std::string begun;
  ASSERT_EQ(listener.body->Next(begun), LiveBody::Then::kAtOnce);
  ASSERT_EQ(Send("DELETE", Path(id_)).status, 204);
  const Story story(*listener.body);
  EXPECT_EQ(story.then, LiveBody::Then::kCut);
  EXPECT_EQ(story.text, "");
}

TEST_F(EventsTest, ADeletedJobEndsTheStream) {
  const std::string id = Submit();
  Listener listener = Listen(id);
  listener.Hear();
  ASSERT_EQ(Send("DELETE", Path(id)).status, 204);
  const auto events = listener.Hear();
  ASSERT_EQ(events.back().name, "done");
  EXPECT_TRUE(listener.ended);
}

TEST_F(EventsTest, AChangeBeforeTheServerListensIsNotMissed) {
  const std::string id = Submit();
  Reply reply = Get(Path(id, "/events"));
  Work();
  int wakes = 0;
  const auto subscription = reply.live->OnChange([&] { ++wakes; });
  EXPECT_EQ(wakes, 1);
}

TEST_F(EventsTest, TroubleWithTheStoreDoesNotEndTheStream) {
  const std::string id = Submit();
  Listener listener = Listen(id);
  listener.Hear();
  book_->Forget(Session(id));
  store_->broken = ErrorCode::kUnavailable;
  EXPECT_EQ(Names(listener.Hear()), List{});
  EXPECT_FALSE(listener.ended);
  EXPECT_EQ(listener.raw.find("secret"), std::string::npos);
  store_->broken.reset();
  Work();
  EXPECT_EQ(Names(listener.Hear()), (List{"page", "state"}));
}

TEST_F(EventsTest, AnUnknownJobHasNoEvents) {
  EXPECT_EQ(Get(Path(RandomUuid(), "/events")).status, 404);
}

}  // namespace
}  // namespace gnosis
