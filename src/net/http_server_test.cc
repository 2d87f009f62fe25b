#include "net/http_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <list>
#include <vector>

#include "base/json.h"
#include "net/http_test_server.h"

namespace gnosis {
namespace {

using namespace std::string_view_literals;

using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;

constexpr char kChunked[] = "Transfer-Encoding: chunked\r\n";

std::string Chunk(std::string_view bytes) {
  char size[32];
  std::snprintf(size, sizeof size, "%zx\r\n", bytes.size());
  return size + std::string(bytes) + "\r\n";
}

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

TEST_F(ServerTest, LimitsChunkExtensionsAndTrailers) {
  StartServer();
  for (const std::string start : {"3;", "0\r\nX: "}) {
    TestClient client = Connect();
    ASSERT_TRUE(client.Send(Request("POST /echo", kChunked)));
    EXPECT_EQ(client.Ask(start + std::string(100'000, 'x')).status, 400);
  }
}

TEST_F(ServerTest, TakesAnEmptyChunkedBodyByteByByte) {
  StartServer();
  TestClient client = Connect();
  ASSERT_TRUE(
      client.Send(Request("POST /echo", std::string(kChunked) + "Expect: 100-continue\r\n")));
  EXPECT_THAT(client.ReadThrough("\r\n\r\n"), HasSubstr("100 Continue"));
  // Each answered question is a turn of the loop, in which the last byte was read.
  for (const char byte : std::string("0\r\n\r\n")) {
    ASSERT_TRUE(client.Send(std::string_view(&byte, 1)));
    EXPECT_EQ(Ask(Request("GET /echo")).status, 200);
  }
  EXPECT_EQ(client.ReadResponse().body, "POST from 127.0.0.1:");
}

TEST_F(ServerTest, StreamsAChunkedUploadInPieces) {
  std::string received;
  size_t largest = 0;
  handler_.start = [&](const HttpRequest& request) {
    EXPECT_TRUE(request.has_body);
    EXPECT_EQ(request.content_length, std::nullopt);
    return TestExchangeParts{.on_body = [&](std::string_view bytes) {
      largest = std::max(largest, bytes.size());
      received += bytes;
      return Ok();
    }};
  };
  StartServer();
  std::string upload(2 << 20, '\0');
  for (size_t i = 0; i < upload.size(); ++i) upload[i] = char(i * 2'654'435'761u >> 13);
  TestClient client = Connect();
  ASSERT_TRUE(client.Send(Request("POST /up", kChunked)));
  for (size_t at = 0, step = 1; at < upload.size(); at += step, step = step % 99'991 * 2 + 1) {
    ASSERT_TRUE(client.Send(Chunk(std::string_view(upload).substr(at, step))));
  }
  EXPECT_EQ(client.Ask("0\r\nX-Trailer: yes\r\n\r\n").status, 200);
  EXPECT_TRUE(received == upload);
  EXPECT_LE(largest, size_t{64} << 10);
  EXPECT_EQ(client.Ask(Request("GET /echo")).status, 200);
}

TEST_F(ServerTest, ReadsOnOnlyWhenTheHandlerHasTakenThePiece) {
  std::atomic<size_t> taken{0};
  handler_.start = [&](const HttpRequest&) {
    return TestExchangeParts{.on_body = [&](std::string_view bytes) {
      if (!bytes.empty()) gate_.Wait();
      taken += bytes.size();
      return Ok();
    }};
  };
  StartServer();
  TestClient client = Connect();
  const std::string body(300'000, 'x');
  ASSERT_TRUE(client.Send(Request("POST /up", "Content-Length: 300000\r\n") + body));
  EXPECT_EQ(Ask(Request("GET /echo")).status, 200);
  EXPECT_EQ(taken, 0u);
  gate_.Open();
  EXPECT_EQ(client.ReadResponse().status, 200);
  EXPECT_EQ(taken, body.size());
}

TEST_F(ServerTest, SendsContinueOnlyToABodyThatIsWanted) {
  handler_.start = [](const HttpRequest&) {
    return TestExchangeParts{.on_body =
                                 [](std::string_view) {
                                   return Error{ErrorCode::kNotFound, "no", ""};
                                 },
                             .end =
                                 [](Exchange::Why why) {
                                   EXPECT_EQ(why, Exchange::Why::kBodyFailed);
                                   return TextResponse(404, "text/plain", "no such path");
                                 }};
  };
  StartServer();
  const std::string headers = "Expect: 100-continue\r\nContent-Length: 2\r\n";
  TestClient wanted = Connect();
  ASSERT_TRUE(wanted.Send(Request("POST /echo", headers)));
  EXPECT_EQ(wanted.ReadThrough("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_EQ(wanted.Ask("ab").body, "POST from 127.0.0.1:ab");
  TestClient refused = Connect();
  const TestResponse response = refused.Ask(Request("POST /nowhere", headers));
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(TestClient::Header(response.head, "Connection"), "close");
}

TEST_F(ServerTest, DeliversAnEarlyAnswerWhileTheBodyIsStillBeingSent) {
  handler_.start = [](const HttpRequest&) {
    return TestExchangeParts{
        .on_body =
            [](std::string_view bytes) {
              return bytes.empty() ? Ok() : Status(Error{ErrorCode::kTooLarge, "enough", ""});
            },
        .end = [](Exchange::Why) { return TextResponse(413, "text/plain", "enough"); }};
  };
  StartServer();
  TestClient client = Connect();
  ASSERT_TRUE(client.Send(Request("POST /up", "Content-Length: 1000000\r\n")));
  ASSERT_TRUE(client.Send(std::string(1'000'000, 'x')));
  const TestResponse response = client.ReadResponse();
  EXPECT_EQ(response.status, 413);
  EXPECT_EQ(response.body, "enough");
  EXPECT_TRUE(client.IsClosed());
}

TEST_F(ServerTest, CutsOffAClientThatNeverStopsSending) {
  StartServer({.max_body_bytes = 10});
  TestClient client = Connect();
  ASSERT_TRUE(client.Send(Request("POST /echo", "Content-Length: 1000000000\r\n")));
  const std::string much(1 << 20, 'x');
  int sent = 0;
  while (sent < 100 && client.Send(much)) ++sent;
  EXPECT_LT(sent, 100);
}

TEST_F(ServerTest, TellsTheHandlerThatTheCallerHungUp) {
  handler_.start = [&](const HttpRequest&) {
    return TestExchangeParts{.end =
                                 [&](Exchange::Why why) {
                                   if (why == Exchange::Why::kBodyFailed) failed_.Open();
                                   return TextResponse(200, "text/plain", "unseen");
                                 },
                             .at_death = [&] { dead_.Open(); }};
  };
  StartServer();
  TestClient client = Connect();
  ASSERT_TRUE(client.Send(Request("POST /up", "Content-Length: 100\r\n") + "half"));
  client.HangUp();
  EXPECT_TRUE(failed_.Wait());
  EXPECT_TRUE(dead_.Wait());
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

TEST_F(ServerTest, GivesUpOnABodyThatStops) {
  handler_.start = [&](const HttpRequest&) {
    return TestExchangeParts{.end = [&](Exchange::Why why) {
      if (why == Exchange::Why::kBodyFailed) failed_.Open();
      return TextResponse(200, "text/plain", "unseen");
    }};
  };
  StartServer({.body_idle_timeout = Milliseconds{100}});
  TestClient client = Connect();
  EXPECT_EQ(client.Ask(Request("POST /up", "Content-Length: 100\r\n") + "half").status, 408);
  EXPECT_TRUE(failed_.Wait());
}

TEST_F(ServerTest, TurnsConnectionsAwayAboveTheLimit) {
  StartServer({.max_connections = 2});
  TestClient first = Connect();
  TestClient second = Connect();
  EXPECT_EQ(first.Ask(Request("GET /echo")).status, 200);
  EXPECT_EQ(second.Ask(Request("GET /echo")).status, 200);
  const TestResponse refused = Ask(Request("GET /echo"));
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(TestClient::Header(refused.head, "Retry-After"), "5");
  EXPECT_EQ(first.Ask(Request("GET /echo")).status, 200);
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

TEST_F(ServerTest, SendsAPartOfAFile) {
  TemporaryFolder folder;
  std::string content(1'000'000, '\0');
  for (size_t i = 0; i < content.size(); ++i) content[i] = char(i * 31 >> 5);
  FILE* file = std::fopen((folder.path() / "f").c_str(), "w");
  ASSERT_EQ(std::fwrite(content.data(), 1, content.size(), file), content.size());
  std::fclose(file);
  uint64_t size_bytes = 900'000;
  handler_.start = [&](const HttpRequest&) {
    return TestExchangeParts{.end = [&](Exchange::Why) {
      auto opened = OpenForReading(folder.path() / "f");
      return HttpResponse{
          200,
          {},
          FileBody{std::make_shared<FileDescriptor>(*std::move(opened)), 1234, size_bytes}};
    }};
  };
  StartServer();
  TestClient client = Connect();
  EXPECT_TRUE(client.Ask(Request("GET /file")).body == content.substr(1234, size_bytes));
  // More than there is: the client must be able to notice.
  size_bytes = 2'000'000;
  const TestResponse cut = client.Ask(Request("GET /file"));
  EXPECT_EQ(TestClient::Header(cut.head, "Content-Length"), "2000000");
  EXPECT_EQ(cut.body.size(), content.size() - 1234);
}

TEST_F(ServerTest, BlockingHandlersAndTheirDeathsHoldNobodyUp) {
  handler_.start = [&](const HttpRequest& request) {
    const bool slow_death = request.path == "/death";
    return TestExchangeParts{.end =
                                 [this, slow_death](Exchange::Why) {
                                   if (!slow_death) gate_.Wait();
                                   return TextResponse(200, "text/plain", "at last");
                                 },
                             .at_death =
                                 [this, slow_death] {
                                   if (slow_death) gate_.Wait();
                                 }};
  };
  StartServer({.blocking_threads = 3});
  TestClient blocked = Connect();
  ASSERT_TRUE(blocked.Send(Request("GET /block")));
  TestClient dying = Connect();
  EXPECT_EQ(dying.Ask(Request("GET /death")).status, 200);
  EXPECT_EQ(dying.Ask(Request("GET /echo")).status, 200);
  gate_.Open();
  EXPECT_EQ(blocked.ReadResponse().body, "at last");
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
