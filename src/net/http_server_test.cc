#include "net/http_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <list>
#include <vector>

#include "base/json.h"
#include "support/http_test_server.h"

namespace gnosis {
namespace {

using namespace std::string_view_literals;

using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;

TEST_F(ServerTest, AnswersWithDateAndLengthAndKeepsTheConnection) {
  StartServer();
  TestClient client = Connect();
  const TestResponse first = client.Ask(Request("GET /echo?b=2&a=%C3%BC+1"));
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(first.body, "GET a=ü 1 b=2 from 127.0.0.1:");
  EXPECT_THAT(TestClient::Header(first.head, "Date"),
              MatchesRegex("..., .. ... .... ..:..:.. GMT"));
  EXPECT_EQ(TestClient::Header(first.head, "Connection"), "keep-alive");
  EXPECT_EQ(TestClient::Header(first.head, "Server"), "");
  EXPECT_EQ(client.Ask(Request("DELETE /echo")).body, "DELETE from 127.0.0.1:");
}

TEST_F(ServerTest, ClosesWhenTheClientWantsIt) {
  StartServer();
  TestClient client = Connect();
  const TestResponse response = client.Ask(Request("GET /echo", "Connection: close\r\n"));
  EXPECT_EQ(TestClient::Header(response.head, "Connection"), "close");
  EXPECT_TRUE(client.IsClosed());
}

TEST_F(ServerTest, ServesHttp10) {
  StartServer();
  TestClient client = Connect();
  EXPECT_EQ(client.Ask("GET /echo HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").status, 200);
  EXPECT_EQ(client.Ask("GET /echo HTTP/1.0\r\n\r\n").status, 200);
  EXPECT_TRUE(client.IsClosed());
}

TEST_F(ServerTest, AnswersPipelinedRequestsInOrder) {
  StartServer();
  TestClient client = Connect();
  std::string requests;
  for (int i = 0; i < 50; ++i) {
    requests += Request("POST /echo?n=" + std::to_string(i), "Content-Length: 3\r\n") + "abc";
  }
  ASSERT_TRUE(client.Send(requests));
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(client.ReadResponse().body, "POST n=" + std::to_string(i) + " from 127.0.0.1:abc");
  }
}

TEST_F(ServerTest, SendsTheHeadOnlyForHead) {
  StartServer();
  TestClient client = Connect();
  ASSERT_TRUE(client.Send(Request("HEAD /echo")));
  const std::string head = client.ReadThrough("\r\n\r\n");
  EXPECT_EQ(TestClient::Header(head, "Content-Length"), "20");
  EXPECT_EQ(client.Ask(Request("GET /echo")).body, "GET from 127.0.0.1:");
}

TEST_F(ServerTest, SendsNoBodyWith204) {
  handler_.start = [](const HttpRequest&) {
    return TestExchangeParts{.end = [](Exchange::Why) {
      return HttpResponse{204, {}, std::string("dropped")};
    }};
  };
  StartServer();
  TestClient client = Connect();
  EXPECT_THAT(client.Ask(Request("GET /none")).head, Not(HasSubstr("Content-Length")));
  EXPECT_EQ(client.Ask(Request("GET /echo")).status, 200);
}

TEST_F(ServerTest, LeavesSegmentsAsTheyWereMeant) {
  std::vector<std::string> segments;
  handler_.start = [&](const HttpRequest& request) {
    segments = request.segments;
    return TestExchangeParts();
  };
  StartServer();
  EXPECT_EQ(Ask(Request("GET /a%2Fb/../c")).status, 200);
  EXPECT_THAT(segments, testing::ElementsAre("a/b", "..", "c"));
}

TEST_F(ServerTest, AnswersMalformedRequestsItself) {
  struct Case {
    int status;
    std::string request;
  };
  const std::string post = "POST /echo HTTP/1.1\r\nHost: a\r\n";
  const std::vector<Case> cases = {
      {400, "nonsense\r\n\r\n"},
      {400, "GET /echo\r\n\r\n"},
      {400, "GET  /echo HTTP/1.1\r\nHost: a\r\n\r\n"},
      {400, "GET /echo SPDY/1.1\r\nHost: a\r\n\r\n"},
      {400, "GET echo HTTP/1.1\r\nHost: a\r\n\r\n"},
      {400, "GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n"},
      {400, "GET /%xx HTTP/1.1\r\nHost: a\r\n\r\n"},
      {400, "GET /echo HTTP/1.1\r\n\r\n"},
      {400, "GET /echo HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"},
      {400, "GET /echo HTTP/1.1\r\nHost : a\r\n\r\n"},
      {400, "GET /echo HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n"},
      {400, std::string("GET /echo HTTP/1.1\r\nHost: a\r\nX: \0\r\n\r\n"sv)},
      {400, "\x16\x03\x01\x02\r\n\r\n"},
      {400, post + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"},
      {400, post + "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n"},
      {400, post + "Content-Length: 3\r\nContent-Length: 4\r\n\r\n"},
      {400, post + "Content-Length: 3, 4\r\n\r\n"},
      {400, post + "Content-Length: -1\r\n\r\n"},
      {400, post + "Content-Length: 0x3\r\n\r\n"},
      {400, post + "Content-Length: 99999999999999999999999\r\n\r\n"},
      {400, post + kChunked + kChunked + "\r\n"},
      {400, post + kChunked + "\r\nxyz\r\n"},
      {400, post + kChunked + "\r\n3\r\nabcd\r\n0\r\n\r\n"},
      {400, post + kChunked + "\r\nfffffffffffffffff\r\n"},
      {413, post + "Content-Length: 100001\r\n\r\n"},
      {413, post + kChunked + "\r\n" + Chunk(std::string(60'000, 'x')) +
                Chunk(std::string(60'000, 'x'))},
      {414, "GET /" + std::string(3000, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n"},
      {417, post + "Expect: miracles\r\n\r\n"},
      {431, "GET /echo HTTP/1.1\r\nHost: a\r\nX: " + std::string(3000, 'a') + "\r\n\r\n"},
      {501, "BREW /echo HTTP/1.1\r\nHost: a\r\n\r\n"},
      {501, "get /echo HTTP/1.1\r\nHost: a\r\n\r\n"},
      {501, "CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n"},
      {501, post + "Transfer-Encoding: gzip\r\n\r\n"},
      {501, post + "Transfer-Encoding: gzip, chunked\r\n\r\n"},
      {505, "GET /echo HTTP/2.0\r\nHost: a\r\n\r\n"},
      {505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"},
  };
  StartServer({.max_header_bytes = 2000, .max_body_bytes = 100'000, .body_limit_hint = "split it"});
  for (const auto& [status, request] : cases) {
    SCOPED_TRACE(request.substr(0, 120));
    TestClient client = Connect();
    const TestResponse response = client.Ask(request);
    EXPECT_EQ(response.status, status);
    EXPECT_EQ(TestClient::Header(response.head, "Content-Type"), "application/problem+json");
    EXPECT_EQ(TestClient::Header(response.head, "Connection"), "close");
    const auto problem = ParseJson(response.body);
    ASSERT_TRUE(problem.ok());
    EXPECT_EQ(JsonInteger(*problem, "status"), status);
    EXPECT_NE(JsonString(*problem, "code").value_or(""), "");
    EXPECT_NE(JsonString(*problem, "detail").value_or(""), "");
    EXPECT_NE(JsonString(*problem, "hint").value_or(""), "");
    client.EndSending();
    EXPECT_TRUE(client.IsClosed());
  }
  EXPECT_EQ(Ask(Request("GET /echo")).status, 200);
}

TEST_F(ServerTest, CountsAllHeadersHoweverTheyCome) {
  StartServer({.max_header_bytes = 2000});
  TestClient client = Connect();
  ASSERT_TRUE(client.Send("GET /echo HTTP/1.1\r\nHost: a\r\n"));
  for (int i = 0; i < 19; ++i) ASSERT_TRUE(client.Send("X: " + std::string(95, 'x') + "\r\n"));
  EXPECT_EQ(Ask(Request("GET /echo")).status, 200);
  EXPECT_EQ(client.Ask("X: " + std::string(95, 'x') + "\r\n").status, 431);
}

TEST_F(ServerTest, GivesUpOnASlowHeadWhileOthersAreServed) {
  StartServer({.header_timeout = Milliseconds{150}});
  TestClient slow = Connect();
  ASSERT_TRUE(slow.Send("GET /echo HTTP/1.1\r\nHost:"));
  EXPECT_EQ(Ask(Request("GET /echo")).status, 200);
  EXPECT_EQ(slow.ReadResponse().status, 408);
}

TEST_F(ServerTest, ClosesConnectionsThatSayNothing) {
  StartServer({.header_timeout = Milliseconds{50}, .keep_alive_timeout = Milliseconds{60}});
  TestClient silent = Connect();
  EXPECT_TRUE(silent.IsClosed());
}

TEST_F(ServerTest, ClosesConnectionsThatStayIdle) {
  StartServer({.keep_alive_timeout = Milliseconds{60}});
  TestClient idle = Connect();
  EXPECT_EQ(idle.Ask(Request("GET /echo")).status, 200);
  EXPECT_TRUE(idle.IsClosed());
}

TEST_F(ServerTest, TurnsConnectionsAwayWhenAllThatAreAllowedAreBusy) {
  std::atomic<int> busy = 0;
  handler_.start = [&](const HttpRequest&) {
    return TestExchangeParts{.end = [&](Exchange::Why) {
      if (++busy == 2) begun_.Open();
      gate_.Wait();
      return TextResponse(200, "text/plain", "done");
    }};
  };
  StartServer({.max_connections = 2});
  TestClient first = Connect();
  TestClient second = Connect();
  ASSERT_TRUE(first.Send(Request("GET /busy")));
  ASSERT_TRUE(second.Send(Request("POST /busy", "Content-Length: 1\r\n") + "x"));
  ASSERT_TRUE(begun_.Wait());
  const TestResponse refused = Ask(Request("GET /echo"));
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(TestClient::Header(refused.head, "Retry-After"), "5");
  EXPECT_THAT(refused.body, HasSubstr("MAX_CONNECTIONS"));
  gate_.Open();
  EXPECT_EQ(first.ReadResponse().status, 200);
  EXPECT_EQ(second.ReadResponse().status, 200);
}

TEST_F(ServerTest, Holds200IdleConnections) {
  StartServer({.blocking_threads = 2});
  std::list<TestClient> clients;
  for (int i = 0; i < 200; ++i) {
    EXPECT_EQ(clients.emplace_back(server_->port()).Ask(Request("GET /echo")).status, 200);
  }
  EXPECT_EQ(Ask(Request("GET /echo")).status, 200);
  for (TestClient& client : clients) EXPECT_EQ(client.Ask(Request("GET /echo")).status, 200);
}

TEST_F(ServerTest, ListensOnTheNameOfThisMachine) {
  StartServer({.host = "localhost"});
  EXPECT_EQ(Ask(Request("GET /echo")).status, 200);
}

TEST_F(ServerTest, SaysWhichAddressIsTaken) {
  StartServer();
  const auto again = StartHttpServer({.port = server_->port()}, handler_);
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.code(), ErrorCode::kIo);
  EXPECT_THAT(again.error().message, HasSubstr("127.0.0.1:" + std::to_string(server_->port())));
  const auto elsewhere = StartHttpServer({.host = "192.0.2.1", .port = 0}, handler_);
  ASSERT_FALSE(elsewhere.ok());
  EXPECT_THAT(elsewhere.error().message, HasSubstr("192.0.2.1"));
}

}  // namespace
}  // namespace gnosis
