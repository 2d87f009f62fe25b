// Long polls, live bodies and the end of the server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <list>
#include <thread>

#include "support/http_test_server.h"

namespace gnosis {
namespace {

using testing::HasSubstr;

// A bell as a handler has one: what attaches is woken until it detaches.
class TestBell {
 public:
  Subscribe subscribe() {
    return [this](Wake wake) { return Attach(std::move(wake)); };
  }
  std::unique_ptr<Subscription> Attach(Wake wake) {
    std::lock_guard lock(mutex_);
    wakes_.push_back(std::move(wake));
    changed_.notify_all();
    return std::make_unique<Attached>(*this, std::prev(wakes_.end()));
  }
  void Ring() {
    std::lock_guard lock(mutex_);
    for (const Wake& wake : wakes_) wake();
  }
  bool WaitForListeners(size_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(10),
                             [&] { return wakes_.size() == count; });
  }

 private:
  struct Attached final : Subscription {
    Attached(TestBell& bell, std::list<Wake>::iterator place) : bell(bell), place(place) {}
    ~Attached() override {
      std::lock_guard lock(bell.mutex_);
      bell.wakes_.erase(place);
      bell.changed_.notify_all();
    }
    TestBell& bell;
    std::list<Wake>::iterator place;
  };

  std::mutex mutex_;
  std::condition_variable changed_;
  std::list<Wake> wakes_;
};

constexpr Milliseconds kLong{60'000};

class WaitingTest : public ServerTest {
 protected:
  // "/poll" waits for the bell, once, and answers why it was woken.
  void ServePolls(Milliseconds timeout) {
    handler_.start = [this, timeout](const HttpRequest&) {
      return TestExchangeParts{.end = [this, timeout](Exchange::Why why) -> Answer {
                                 switch (why) {
                                   case Exchange::Why::kWoken:
                                     return TextResponse(200, "text/plain", "woken");
                                   case Exchange::Why::kTimeout:
                                     return TextResponse(200, "text/plain", "timeout");
                                   default:
                                     return WaitFor{bell_.subscribe(), timeout};
                                 }
                               },
                               .at_death = [this] { dead_.Open(); }};
    };
  }

  TestBell bell_;
};

TEST_F(WaitingTest, ALongPollIsWoken) {
  ServePolls(kLong);
  StartServer();
  TestClient client = Connect();
  ASSERT_TRUE(client.Send(Request("GET /poll")));
  ASSERT_TRUE(bell_.WaitForListeners(1));
  bell_.Ring();
  EXPECT_EQ(client.ReadResponse().body, "woken");
  EXPECT_TRUE(bell_.WaitForListeners(0));
  EXPECT_EQ(client.Ask(Request("GET /echo")).status, 200);
}

TEST_F(WaitingTest, ALongPollEndsWithItsTime) {
  ServePolls(Milliseconds{50});
  StartServer();
  EXPECT_EQ(Ask(Request("GET /poll")).body, "timeout");
  EXPECT_EQ(Ask(Request("POST /poll", "Content-Length: 2\r\n") + "ab").body, "timeout");
}

TEST_F(WaitingTest, AWakeWhileSubscribingIsNotLost) {
  handler_.start = [](const HttpRequest&) {
    return TestExchangeParts{.end = [](Exchange::Why why) -> Answer {
      if (why == Exchange::Why::kWoken) return TextResponse(200, "text/plain", "woken");
      return WaitFor{[](const Wake& wake) {
                       for (int i = 0; i < 100; ++i) wake();
                       return std::make_unique<Subscription>();
                     },
                     kLong};
    }};
  };
  StartServer();
  EXPECT_EQ(Ask(Request("GET /poll")).body, "woken");
}

TEST_F(WaitingTest, WaitingHoldsNoThread) {
  ServePolls(kLong);
  StartServer({.blocking_threads = 1});
  std::list<TestClient> polls;
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(polls.emplace_back(server_->port()).Send(Request("GET /poll")));
  }
  ASSERT_TRUE(bell_.WaitForListeners(100));
  EXPECT_EQ(Ask(Request("GET /echo")).status, 200);
  bell_.Ring();
  for (TestClient& poll : polls) EXPECT_EQ(poll.ReadResponse().body, "woken");
}

TEST_F(WaitingTest, APollIsDroppedWhenTheCallerHangsUp) {
  ServePolls(kLong);
  StartServer();
  TestClient client = Connect();
  ASSERT_TRUE(client.Send(Request("GET /poll")));
  ASSERT_TRUE(bell_.WaitForListeners(1));
  client.HangUp();
  EXPECT_TRUE(dead_.Wait());
  EXPECT_TRUE(bell_.WaitForListeners(0));
}

TEST_F(WaitingTest, ARequestBehindAPollIsAnsweredAfterIt) {
  ServePolls(kLong);
  StartServer();
  TestClient client = Connect();
  ASSERT_TRUE(client.Send(Request("GET /poll") + Request("GET /echo")));
  ASSERT_TRUE(bell_.WaitForListeners(1));
  ASSERT_TRUE(client.Send(Request("GET /echo?again")));
  bell_.Ring();
  EXPECT_EQ(client.ReadResponse().body, "woken");
  EXPECT_EQ(client.ReadResponse().body, "GET from 127.0.0.1:");
  EXPECT_EQ(client.ReadResponse().body, "GET again= from 127.0.0.1:");
}

// Says what was put into it, after every wake.
struct Script {
  std::mutex mutex;
  std::string unsaid;
  bool over = false;
  void Say(std::string_view text) {
    std::lock_guard lock(mutex);
    unsaid += text;
  }
  void End() {
    std::lock_guard lock(mutex);
    over = true;
  }
};

class ScriptBody final : public LiveBody {
 public:
  ScriptBody(Script& script, TestBell& bell) : script_(script), bell_(bell) { heartbeat = kLong; }
  Then Next(std::string& out) override {
    std::lock_guard lock(script_.mutex);
    out += std::exchange(script_.unsaid, "");
    return script_.over ? Then::kEnd : Then::kMore;
  }
  std::unique_ptr<Subscription> OnChange(Wake wake) override {
    return bell_.Attach(std::move(wake));
  }

 private:
  Script& script_;
  TestBell& bell_;
};

class LiveTest : public WaitingTest {
 protected:
  void ServeLive(std::function<std::unique_ptr<LiveBody>()> make) {
    handler_.start = [this, make](const HttpRequest&) {
      return TestExchangeParts{.end =
                                   [make](Exchange::Why) {
                                     return HttpResponse{200, {}, make()};
                                   },
                               .at_death = [this] { dead_.Open(); }};
    };
  }
  void ServeScript() {
    ServeLive([this] { return std::make_unique<ScriptBody>(script_, bell_); });
  }
  void Tell(std::string_view text) {
    script_.Say(text);
    bell_.Ring();
  }

  Script script_;
};

TEST_F(LiveTest, EveryEventArrivesAtOnceInItsOwnChunk) {
  ServeScript();
  StartServer();
  script_.Say("one");
  TestClient client = Connect();
  ASSERT_TRUE(client.Send(Request("GET /events")));
  EXPECT_THAT(client.ReadThrough("\r\n\r\n"), HasSubstr("Transfer-Encoding: chunked"));
  EXPECT_EQ(client.ReadThrough("one\r\n"), "3\r\none\r\n");
  Tell("second");
  EXPECT_EQ(client.ReadThrough("second\r\n"), "6\r\nsecond\r\n");
  script_.End();
  Tell("end");
  EXPECT_EQ(client.ReadThrough("0\r\n\r\n"), "3\r\nend\r\n0\r\n\r\n");
  EXPECT_TRUE(bell_.WaitForListeners(0));
  EXPECT_EQ(client.Ask(Request("GET /echo")).status, 200);
}

TEST_F(LiveTest, TheHeartbeatAsksWithoutAWake) {
  struct Counting final : LiveBody {
    Counting() { heartbeat = Milliseconds{20}; }
    Then Next(std::string& out) override {
      out += "beat";
      return ++beats == 3 ? Then::kEnd : Then::kMore;
    }
    std::unique_ptr<Subscription> OnChange(Wake) override {
      return std::make_unique<Subscription>();
    }
    int beats = 0;
  };
  ServeLive([] { return std::make_unique<Counting>(); });
  StartServer();
  EXPECT_EQ(Ask(Request("GET /events")).body, "beatbeatbeat");
}

TEST_F(LiveTest, Http10GetsTheBodyUntilTheConnectionCloses) {
  ServeScript();
  StartServer();
  script_.Say("all");
  script_.End();
  TestClient client = Connect();
  ASSERT_TRUE(client.Send("GET /events HTTP/1.0\r\n\r\n"));
  EXPECT_THAT(client.ReadThrough("\r\n\r\n"), HasSubstr("Connection: close"));
  EXPECT_EQ(client.ReadToEnd(), "all");
}

TEST_F(LiveTest, HeadGetsNoLiveBody) {
  ServeScript();
  StartServer();
  TestClient client = Connect();
  ASSERT_TRUE(client.Send(Request("HEAD /events")));
  EXPECT_THAT(client.ReadThrough("\r\n\r\n"), HasSubstr("200 OK"));
  EXPECT_TRUE(dead_.Wait());
  EXPECT_EQ(client.Ask(Request("GET /echo")).status, 200);
}

TEST_F(LiveTest, IsDroppedWhenTheCallerHangsUp) {
  ServeScript();
  StartServer();
  TestClient client = Connect();
  ASSERT_TRUE(client.Send(Request("GET /events")));
  ASSERT_TRUE(bell_.WaitForListeners(1));
  client.HangUp();
  EXPECT_TRUE(dead_.Wait());
}

TEST_F(LiveTest, StopEndsWhatWaitsAtOnce) {
  ServeScript();
  StartServer();
  TestClient live = Connect();
  ASSERT_TRUE(live.Send(Request("GET /events")));
  ASSERT_TRUE(bell_.WaitForListeners(1));
  ServePolls(kLong);
  TestClient poll = Connect();
  ASSERT_TRUE(poll.Send(Request("GET /poll")));
  ASSERT_TRUE(bell_.WaitForListeners(2));
  TestClient idle = Connect();
  EXPECT_EQ(idle.Ask(Request("GET /echo")).status, 200);
  script_.Say("last words");
  server_->Stop(kLong);
  EXPECT_THAT(live.ReadToEnd(), HasSubstr("\r\na\r\nlast words\r\n0\r\n\r\n"));
  EXPECT_EQ(poll.ReadResponse().body, "timeout");
  EXPECT_TRUE(idle.IsClosed());
  EXPECT_FALSE(Connect().connected());
  EXPECT_TRUE(bell_.WaitForListeners(0));
}

TEST_F(LiveTest, StopAnswersAPollThatWouldGoOnWaiting) {
  handler_.start = [this](const HttpRequest&) {
    return TestExchangeParts{.end = [this](Exchange::Why) -> Answer {
      return WaitFor{bell_.subscribe(), kLong};
    }};
  };
  StartServer();
  TestClient poll = Connect();
  ASSERT_TRUE(poll.Send(Request("GET /poll")));
  ASSERT_TRUE(bell_.WaitForListeners(1));
  server_->Stop(kLong);
  EXPECT_EQ(poll.ReadResponse().status, 503);
}

TEST_F(LiveTest, StopLetsABodyThatComesInPiecesGetToItsEnd) {
  struct Pieces final : LiveBody {
    Pieces(TestGate& first, TestGate& stopping) : first(first), stopping(stopping) {
      heartbeat = kLong;
    }
    Then Next(std::string& out) override {
      if (++said == 2) {
        first.Open();
        stopping.Wait();
      }
      out += "x";
      wake();
      return said == 50 ? Then::kEnd : Then::kMore;
    }
    std::unique_ptr<Subscription> OnChange(Wake new_wake) override {
      wake = std::move(new_wake);
      return std::make_unique<Subscription>();
    }
    TestGate& first;
    TestGate& stopping;
    int said = 0;
    Wake wake;
  };
  ServeLive([&] { return std::make_unique<Pieces>(begun_, gate_); });
  StartServer();
  TestClient client = Connect();
  TestClient idle = Connect();
  EXPECT_EQ(idle.Ask(Request("GET /echo")).status, 200);
  ASSERT_TRUE(client.Send(Request("GET /pieces")));
  ASSERT_TRUE(begun_.Wait());
  std::thread stopper([&] { server_->Stop(kLong); });
  EXPECT_TRUE(idle.IsClosed());
  gate_.Open();
  EXPECT_EQ(client.ReadResponse().body, std::string(50, 'x'));
  stopper.join();
}

TEST_F(ServerTest, WhatIsQuickIsAnsweredWhileEveryThreadHangs) {
  handler_.start = [&](const HttpRequest& request) {
    return TestExchangeParts{.end = [&, hangs = request.path == "/hang"](Exchange::Why) {
      if (hangs) {
        begun_.Open();
        gate_.Wait();
      }
      return TextResponse(200, "text/plain", "alive");
    }};
  };
  handler_.is_quick = [](const HttpRequest& request) { return request.path == "/quick"; };
  HttpServerOptions options;
  options.blocking_threads = 1;
  StartServer(options);
  TestClient hanging = Connect();
  ASSERT_TRUE(hanging.Send(Request("GET /hang")));
  ASSERT_TRUE(begun_.Wait());
  TestClient client = Connect();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(client.Ask(Request("GET /quick")).body, "alive");
  gate_.Open();
  EXPECT_EQ(hanging.ReadResponse().body, "alive");
}

TEST_F(ServerTest, StopLetsRequestsFinishWithinTheGrace) {
  handler_.start = [&](const HttpRequest&) {
    return TestExchangeParts{.end = [&](Exchange::Why) {
      begun_.Open();
      gate_.Wait();
      return TextResponse(200, "text/plain", "finished");
    }};
  };
  StartServer();
  TestClient client = Connect();
  TestClient idle = Connect();
  EXPECT_EQ(idle.Ask(Request("GET /echo")).status, 200);
  ASSERT_TRUE(client.Send(Request("GET /work")));
  ASSERT_TRUE(begun_.Wait());
  std::thread stopper([&] { server_->Stop(kLong); });
  EXPECT_TRUE(idle.IsClosed());
  gate_.Open();
  const TestResponse response = client.ReadResponse();
  EXPECT_EQ(response.body, "finished");
  EXPECT_EQ(TestClient::Header(response.head, "Connection"), "close");
  stopper.join();
}

TEST_F(ServerTest, StopCutsOffWhatTakesLongerThanTheGrace) {
  StartServer();
  TestClient client = Connect();
  ASSERT_TRUE(client.Send(Request("POST /echo", "Content-Length: 100\r\n") + "half"));
  EXPECT_EQ(Ask(Request("GET /echo")).status, 200);
  server_->Stop(Milliseconds{50});
  EXPECT_EQ(client.ReadToEnd(), "");
  server_->Stop(Milliseconds{50});
}

}  // namespace
}  // namespace gnosis
