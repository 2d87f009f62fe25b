// A server on a free port with a handler made of functions, for tests.
#pragma once

#include <condition_variable>
#include <cstdio>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "net/http.h"
#include "net/http_server.h"
#include "support/http_test_client.h"

namespace gnosis {

inline constexpr char kChunked[] = "Transfer-Encoding: chunked\r\n";

inline std::string Chunk(std::string_view bytes) {
  char size[32];
  std::snprintf(size, sizeof size, "%zx\r\n", bytes.size());
  return size + std::string(bytes) + "\r\n";
}

// Opened once; waiting for it has a limit, so that a broken test fails instead of hanging.
class TestGate {
 public:
  void Open() {
    std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  bool Wait() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(10), [&] { return open_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
};

// What an exchange of a test does; what is not given is done as a friendly handler would.
struct TestExchangeParts {
  std::function<Status(std::string_view)> on_body = [](std::string_view) { return Ok(); };
  std::function<Answer(Exchange::Why)> end = [](Exchange::Why) {
    return TextResponse(200, "text/plain", "done");
  };
  std::function<void()> at_death = [] {};
};

class TestExchange final : public Exchange {
 public:
  explicit TestExchange(TestExchangeParts parts) : parts_(std::move(parts)) {}
  ~TestExchange() override { parts_.at_death(); }
  Status OnBody(std::string_view bytes) override { return parts_.on_body(bytes); }
  Answer End(Why why) override { return parts_.end(why); }

 private:
  const TestExchangeParts parts_;
};

// "/echo" answers with what it understood of the request; other paths are the test's.
class TestHandler final : public HttpHandler {
 public:
  std::function<TestExchangeParts(const HttpRequest&)> start = [](const HttpRequest&) {
    return TestExchangeParts();
  };
  std::function<bool(const HttpRequest&)> is_quick = [](const HttpRequest&) { return false; };

  bool IsQuick(const HttpRequest& request) const override { return is_quick(request); }
  std::unique_ptr<Exchange> Start(HttpRequest request) override {
    if (request.path != "/echo") return std::make_unique<TestExchange>(start(request));
    auto text = std::make_shared<std::string>(request.method);
    for (const auto& [name, value] : request.query) *text += " " + name + "=" + value;
    *text += " from " + request.remote_address + ":";
    return std::make_unique<TestExchange>(TestExchangeParts{
        .on_body =
            [text](std::string_view bytes) {
              *text += bytes;
              return Ok();
            },
        .end = [text](Exchange::Why) { return TextResponse(200, "text/plain", *text); }});
  }
};

class ServerTest : public testing::Test {
 protected:
  // What every request may start with.
  static std::string Request(const std::string& line, const std::string& headers = "") {
    return line + " HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n";
  }

  void StartServer(HttpServerOptions options = {}) {
    options.port = 0;
    auto started = StartHttpServer(options, handler_);
    ASSERT_TRUE(started.ok()) << started.error().message;
    server_ = *std::move(started);
  }
  TestClient Connect() { return TestClient(server_->port()); }
  // A new connection for one request.
  TestResponse Ask(const std::string& request) { return Connect().Ask(request); }

  // Before the members of derived fixtures are gone; exchanges may still be dying on the pool.
  void TearDown() override { server_.reset(); }

  // What exchanges use after the test's own variables may be gone.
  TestGate begun_;
  TestGate gate_;
  TestGate failed_;
  TestGate dead_;
  TestHandler handler_;
  std::unique_ptr<HttpServer> server_;
};

}  // namespace gnosis
