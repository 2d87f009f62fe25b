// Bodies of requests and of responses.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "support/http_test_server.h"

namespace gnosis {
namespace {

using testing::HasSubstr;

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

}  // namespace
}  // namespace gnosis
