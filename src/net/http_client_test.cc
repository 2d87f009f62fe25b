#include "net/http_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "support/http_test_server.h"

namespace gnosis {
namespace {

using testing::HasSubstr;

TEST(HttpClient, RefusesOtherSchemesAndSplitHeaders) {
  const auto client = NewHttpClient({});
  for (const char* url : {"file:///etc/passwd", "ftp://x/", "gopher://x", "x", ""}) {
    EXPECT_EQ(client->Send({.url = url}).code(), ErrorCode::kInvalidArgument) << url;
  }
  HttpCall call{.url = "http://127.0.0.1:1/"};
  call.headers.Set("X", "a\r\nAuthorization: b");
  EXPECT_EQ(client->Send(call).code(), ErrorCode::kInvalidArgument);
}

TEST(HttpClient, ARefusedConnectionIsUnavailableAndItsErrorKeepsNoQuery) {
  const auto client = NewHttpClient({});
  const auto reply = client->Send({.url = "http://127.0.0.1:1/x?upload_id=secret"});
  ASSERT_FALSE(reply.ok());
  EXPECT_EQ(reply.code(), ErrorCode::kUnavailable);
  EXPECT_THAT(reply.error().message, testing::Not(HasSubstr("secret")));
}

class HttpClientTest : public ServerTest {
 protected:
  void SetUp() override {
    handler_.start = [this](const HttpRequest& request) {
      ++requests_;
      return TestExchangeParts{.end = [path = request.path](Exchange::Why why) -> Answer {
        return path == "/never" ? Answer(Never(why)) : Answer(Reply(path));
      }};
    };
    StartServer();
  }
  HttpCall To(const std::string& path) const {
    return {.url = "http://127.0.0.1:" + std::to_string(server_->port()) + path};
  }

  std::atomic<int> requests_ = 0;
  const std::unique_ptr<HttpClient> client_ = NewHttpClient({});

 private:
  static Answer Never(Exchange::Why why) {
    if (why == Exchange::Why::kTimeout) return TextResponse(503, "text/plain", "stopping");
    class Nothing final : public Subscription {};
    return WaitFor{.subscribe = [](Wake) { return std::make_unique<Nothing>(); },
                   .timeout = Seconds(60)};
  }
  static HttpResponse Reply(const std::string& path) {
    HttpResponse response = TextResponse(200, "text/plain", std::string(100'000, 'x'));
    if (path == "/missing") response = TextResponse(404, "text/plain", "nothing here");
    if (path == "/elsewhere") response = TextResponse(302, "text/plain", "");
    response.headers.Set("Location", "/echo");
    if (path == "/headers") response.headers.Set("X-Long", std::string(70'000, 'h'));
    return response;
  }
};

TEST_F(HttpClientTest, SendsMethodQueryHeadersAndBody) {
  for (const char* method : {"POST", "PUT", "PATCH"}) {
    HttpCall call = To("/echo?a=b%26c");
    call.method = method;
    call.body = "body";
    const auto reply = client_->Send(call);
    ASSERT_TRUE(reply.ok()) << reply.error().message;
    EXPECT_EQ(reply->body, std::string(method) + " a=b&c from 127.0.0.1:body");
  }
  EXPECT_EQ(client_->Send(To("/echo"))->body, "GET from 127.0.0.1:");
}

TEST_F(HttpClientTest, ASinkTakesWhatSucceededAndHearsOfTheHeadFirst) {
  std::string taken;
  int status = 0;
  HttpCall call = To("/big");
  call.on_head = [&](const HttpReply& head) {
    EXPECT_EQ(taken, "");
    status = head.status;
    return Ok();
  };
  call.sink = [&](std::string_view bytes) {
    taken += bytes;
    return Ok();
  };
  EXPECT_EQ(client_->Send(call)->body, "");
  EXPECT_EQ(taken.size(), 100'000u);
  EXPECT_EQ(status, 200);
  call.url = To("/missing").url;
  EXPECT_EQ(client_->Send(call)->body, "nothing here");
}

TEST_F(HttpClientTest, AnErrorOfTheSinkEndsTheCall) {
  HttpCall call = To("/big");
  call.sink = [](std::string_view) { return Error{ErrorCode::kDiskFull, "full", ""}; };
  EXPECT_EQ(client_->Send(call).code(), ErrorCode::kDiskFull);
}

TEST_F(HttpClientTest, KeepsItsLimits) {
  HttpCall call = To("/big");
  call.max_body_bytes = 99'999;
  EXPECT_EQ(client_->Send(call).code(), ErrorCode::kTooLarge);
  call.max_body_bytes = 100'000;
  EXPECT_TRUE(client_->Send(call).ok());
  EXPECT_EQ(client_->Send(To("/headers")).code(), ErrorCode::kTooLarge);
}

TEST_F(HttpClientTest, EndsAtItsTimeLimit) {
  HttpCall call = To("/never");
  call.total_timeout = Milliseconds(50);
  EXPECT_EQ(client_->Send(call).code(), ErrorCode::kTimeout);
}

TEST_F(HttpClientTest, EndsWhenAskedToStop) {
  std::stop_source source;
  HttpCall call = To("/never");
  call.stop = source.get_token();
  std::thread stopper([&] {
    while (requests_ == 0) std::this_thread::yield();
    source.request_stop();
  });
  EXPECT_EQ(client_->Send(call).code(), ErrorCode::kInterrupted);
  stopper.join();
}

TEST_F(HttpClientTest, FollowsNoRedirect) {
  const auto reply = client_->Send(To("/elsewhere"));
  ASSERT_TRUE(reply.ok());
  EXPECT_EQ(reply->status, 302);
  EXPECT_EQ(reply->headers.Get("location"), "/echo");
}

TEST_F(HttpClientTest, TakesNoProxyFromTheEnvironment) {
  ::setenv("http_proxy", "http://127.0.0.1:1", 1);
  const auto reply = client_->Send(To("/echo"));
  ::unsetenv("http_proxy");
  EXPECT_TRUE(reply.ok());
}

TEST_F(HttpClientTest, ServesManyThreadsAtOnce) {
  std::atomic<int> good = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int k = 0; k < 20; ++k) good += client_->Send(To("/big"))->body.size() == 100'000;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(good, 160);
}

}  // namespace
}  // namespace gnosis
