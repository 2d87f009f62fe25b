// Malicious requests and connections: nothing is ambiguous, and connections that only wait keep
// nobody out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <list>
#include <string>
#include <vector>

#include "base/json.h"
#include "support/http_test_server.h"

namespace gnosis {
namespace {

using namespace std::string_literals;
using testing::HasSubstr;

class HostileTest : public ServerTest {
 protected:
  static std::string Post(const std::string& headers, const std::string& body = "") {
    return "POST /echo HTTP/1.1\r\nHost: a\r\n" + headers + "\r\n" + body;
  }
  // One answer, then nothing: what follows the request is never taken for a second one.
  void ExpectRefused(const std::string& request, int status) {
    SCOPED_TRACE(request);
    TestClient client = Connect();
    client.Send(request + "GET /echo?smuggled HTTP/1.1\r\nHost: a\r\n\r\n");
    client.EndSending();
    EXPECT_EQ(client.ReadResponse().status, status);
    EXPECT_EQ(client.ReadToEnd(), "");
  }
  static std::string Problem(const TestResponse& response, const char* field) {
    const auto json = ParseJson(response.body);
    return json.ok() ? JsonString(*json, field).value_or("") : "";
  }
};

TEST_F(HostileTest, WhatCouldBeUnderstoodInTwoWaysIsRefused) {
  StartServer();
  const std::string chunk = "5\r\nhello\r\n0\r\n\r\n";
  for (const std::string& request : {
           Post("Content-Length: 5\r\nContent-Length: 5\r\n", "hello"),
           Post("Content-Length: 5, 5\r\n", "hello"),
           Post("Content-Length: +5\r\n", "hello"),
           Post("Content-Length: 5 \x0b\r\n", "hello"),
           Post("Content-Length:\r\n", "hello"),
           Post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", chunk),
           Post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", chunk),
           Post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", chunk),
           Post("Transfer-Encoding : chunked\r\n", chunk),
           Post("Transfer-Encoding:\r\n chunked\r\n", chunk),
           Post("X: a\r\n Content-Length: 5\r\n", "hello"),
           Post("X: a\nContent-Length: 5\r\n", "hello"),
           Post("X: a\rContent-Length: 5\r\n", "hello"),
           Post("Transfer-Encoding: \x0b"
                "chunked\r\n",
                chunk),
           std::string("POST /echo HTTP/1.1\nHost: a\nContent-Length: 5\n\nhello"),
           std::string("POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n") + chunk,
       }) {
    ExpectRefused(request, 400);
  }
  for (const std::string& request : {
           Post("Transfer-Encoding: xchunked\r\n", chunk),
           Post("Transfer-Encoding: chunked, identity\r\n", chunk),
           Post("Transfer-Encoding: identity\r\nContent-Length: 5\r\n", "hello"),
           Post("Transfer-Encoding: chunked;q=1\r\n", chunk),
       }) {
    TestClient client = Connect();
    const int status = client.Ask(request).status;
    EXPECT_TRUE(status == 400 || status == 501) << request << status;
  }
}

TEST_F(HostileTest, BrokenChunksAreRefused) {
  StartServer();
  for (const std::string& body : {
           "5\nhello\r\n0\r\n\r\n"s,
           "5\r\nhello\n0\r\n\r\n"s,
           "5\r\nhello0\r\n\r\n"s,
           "0x5\r\nhello\r\n0\r\n\r\n"s,
           "+5\r\nhello\r\n0\r\n\r\n"s,
           "-5\r\nhello\r\n0\r\n\r\n"s,
           " 5\r\nhello\r\n0\r\n\r\n"s,
           "\r\n5\r\nhello\r\n0\r\n\r\n"s,
           "g\r\nhello\r\n0\r\n\r\n"s,
           "10000000000000005\r\nhello\r\n0\r\n\r\n"s,
           "5\rX\r\nhello\r\n0\r\n\r\n"s,
           "5;a=\"\n\"\r\nhello\r\n0\r\n\r\n"s,
           "5;a=\n\r\nhello\r\n0\r\n\r\n"s,
           "5;a\nb\r\nhello\r\n0\r\n\r\n"s,
       }) {
    ExpectRefused(Post(kChunked, body), 400);
  }
  EXPECT_EQ(Ask(Post(kChunked, "05;name=value\r\nhello\r\n0\r\n\r\n")).status, 200);
}

TEST_F(HostileTest, PathTricksAreNoOtherPath) {
  std::vector<std::string> segments;
  handler_.start = [&](const HttpRequest& request) {
    segments = request.segments;
    return TestExchangeParts{
        .end = [](Exchange::Why) { return TextResponse(404, "text/plain", "no such path"); }};
  };
  StartServer();
  for (const char* path : {"/../echo", "/%2e%2e/echo", "/x/..%2fecho", "//echo", "/./echo",
                           "/echo%2f", "/%65cho/", "/echo;a", "/\\echo"}) {
    EXPECT_EQ(Ask(Request(std::string("GET ") + path)).status, 404) << path;
  }
  for (const char* path : {"/%00", "/echo%00.txt", "/%c0%ae%c0%ae/", "/%e0%80%af", "/%f8%88%80%80",
                           "/%", "/%2", "/%ed%a0%80", "echo", "*", "http:/echo", "ftp://a/echo"}) {
    EXPECT_EQ(Ask(Request(std::string("GET ") + path)).status, 400) << path;
  }
}

TEST_F(HostileTest, HeadAndTargetHaveLimitsThatTheAnswerNames) {
  StartServer({.max_header_bytes = 2000, .max_target_bytes = 500});
  const std::string fixed = Request("GET /echo", "X: \r\n");
  const auto with_head_of = [&](size_t bytes) {
    return Ask(Request("GET /echo", "X: " + std::string(bytes - fixed.size(), 'a') + "\r\n"));
  };
  EXPECT_EQ(with_head_of(2000).status, 200);
  const TestResponse large = with_head_of(2001);
  EXPECT_EQ(large.status, 431);
  EXPECT_THAT(Problem(large, "detail"), HasSubstr("2000"));
  EXPECT_THAT(Problem(large, "hint"), HasSubstr("MAX_HEADER_BYTES"));
  const auto with_target_of = [&](size_t bytes) {
    return Ask(Request("GET /echo?" + std::string(bytes - 6, 'a')));
  };
  EXPECT_EQ(with_target_of(500).status, 200);
  const TestResponse longer = with_target_of(501);
  EXPECT_EQ(longer.status, 414);
  EXPECT_THAT(Problem(longer, "detail"), HasSubstr("500"));
  EXPECT_THAT(Problem(longer, "hint"), HasSubstr("MAX_TARGET_BYTES"));
}

TEST_F(HostileTest, WhatTheServerAnswersItselfIsSafeInABrowser) {
  StartServer();
  const TestResponse refused = Ask("GET /<script> HTTP/3.9\r\nHost: a\r\n\r\n");
  EXPECT_EQ(refused.status, 505);
  EXPECT_EQ(TestClient::Header(refused.head, "X-Content-Type-Options"), "nosniff");
  EXPECT_THAT(TestClient::Header(refused.head, "Content-Security-Policy"),
              HasSubstr("default-src 'none'"));
  EXPECT_THAT(refused.body, testing::Not(HasSubstr("<")));
}

TEST_F(HostileTest, IdleConnectionsGiveWayToThoseThatCome) {
  StartServer({.max_connections = 3});
  std::list<TestClient> idle;
  for (int i = 0; i < 3; ++i) idle.emplace_back(server_->port());
  EXPECT_EQ(idle.back().Ask(Request("GET /echo")).status, 200);
  ASSERT_TRUE(idle.front().Send("GET /echo HTTP/1.1\r\nHost:"));
  for (int i = 0; i < 20; ++i) {
    TestClient next = Connect();
    EXPECT_EQ(next.Ask(Request("GET /echo")).status, 200);
    EXPECT_EQ(next.Ask(Request("GET /echo")).status, 200);
  }
  EXPECT_TRUE(idle.front().IsClosed());
}

TEST_F(HostileTest, OneAddressMayHaveOnlySoManyConnections) {
  StartServer({.max_connections = 100, .max_connections_per_address = 2});
  TestClient first = Connect();
  EXPECT_EQ(first.Ask(Request("GET /echo")).status, 200);
  {
    TestClient second = Connect();
    EXPECT_EQ(second.Ask(Request("GET /echo")).status, 200);
    const TestResponse third = Ask(Request("GET /echo"));
    EXPECT_EQ(third.status, 429);
    EXPECT_EQ(Problem(third, "code"), "too_many_requests");
    EXPECT_EQ(TestClient::Header(third.head, "Retry-After"), "5");
    EXPECT_THAT(Problem(third, "hint"), HasSubstr("MAX_CONNECTIONS_PER_ADDRESS"));
    EXPECT_EQ(second.Ask(Request("GET /echo", "Connection: close\r\n")).status, 200);
    EXPECT_TRUE(second.IsClosed());
  }
  // The server notices the end on its own time.
  int status = 429;
  for (int i = 0; i < 1000 && status == 429; ++i) status = Ask(Request("GET /echo")).status;
  EXPECT_EQ(status, 200);
  EXPECT_EQ(first.Ask(Request("GET /echo")).status, 200);
}

TEST_F(HostileTest, AByteNowAndThenIsNoUpload) {
  StartServer({.body_idle_timeout = Milliseconds{200}, .min_body_bytes_per_second = 1'000'000'000});
  TestClient client = Connect();
  ASSERT_TRUE(client.Send(Post("Content-Length: 100000000\r\n")));
  // Until the server has had enough; each byte comes well within the idle time.
  int bytes = 0;
  while (!client.HasAnswer(Milliseconds{20}) && bytes < 1000) {
    ++bytes;
    client.Send("x");
  }
  EXPECT_EQ(client.ReadResponse().status, 408);
  EXPECT_LT(bytes, 1000);
}

TEST_F(HostileTest, WhoOnlyAsksIsAnsweredWhileDocumentsAreTakenIn) {
  handler_.start = [&](const HttpRequest&) {
    return TestExchangeParts{.end = [&](Exchange::Why) {
      gate_.Wait();
      return TextResponse(200, "text/plain", "taken in");
    }};
  };
  StartServer({.blocking_threads = 1, .body_threads = 1});
  std::list<TestClient> uploads;
  for (int i = 0; i < 5; ++i) {
    uploads.emplace_back(server_->port())
        .Send(
            "POST /up HTTP/1.1\r\nHost: a\r\nContent-Length: 1"
            "\r\n\r\nx");
  }
  EXPECT_EQ(Ask(Request("GET /echo")).status, 200);
  gate_.Open();
  for (TestClient& upload : uploads) EXPECT_EQ(upload.ReadResponse().body, "taken in");
}

TEST_F(HostileTest, TheHandlerHearsWhichPortWasReached) {
  uint16_t port = 0;
  handler_.start = [&](const HttpRequest& request) {
    port = request.local_port;
    return TestExchangeParts();
  };
  StartServer();
  EXPECT_EQ(Ask(Request("GET /port")).status, 200);
  EXPECT_EQ(port, server_->port());
}

}  // namespace
}  // namespace gnosis
