// What the tests of google/ share: a fake of tests/fakes as a process of its own, and a clock that
// stands still until somebody sleeps.
#pragma once

#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "base/json.h"
#include "google/cloud_storage_store.h"
#include "net/http_client.h"

extern char** environ;

namespace gnosis {

class SleepingClock final : public Clock {
 public:
  Time Now() override { return Time(Milliseconds(now_ms_)); }
  void Advance(Milliseconds time) { now_ms_ += time.count(); }
  // Time that passes only by sleeping; no jitter: each wait is as long as it may be.
  Timing timing() {
    return Timing{.clock = this,
                  .sleep = [this](Milliseconds time) { Advance(time), slept_ms_ += time.count(); },
                  .random = [] { return 0.999; }};
  }
  int64_t slept_ms() const { return slept_ms_; }

 private:
  std::atomic<int64_t> now_ms_{1'800'000'000'000}, slept_ms_{0};
};

// python3 tests/fakes/NAME on a free port, until the end.
class FakeServer {
 public:
  explicit FakeServer(const std::string& name, std::vector<std::string> arguments = {}) {
    arguments.insert(arguments.begin(),
                     {"python3", "-B", std::string(GNOSIS_SOURCE_DIR) + "/tests/fakes/" + name});
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    std::array<int, 2> ends{};
    GNOSIS_CHECK(::pipe(ends.data()) == 0);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_addclose(&actions, ends[0]);
    GNOSIS_CHECK(::posix_spawnp(&pid_, "python3", &actions, nullptr, argv.data(), environ) == 0);
    posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
    std::string port;
    for (char c = 0; ::read(ends[0], &c, 1) == 1 && c != '\n';) port += c;
    ::close(ends[0]);
    GNOSIS_CHECK(!port.empty());
    url_ = "http://127.0.0.1:" + port;
  }
  ~FakeServer() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  FakeServer(const FakeServer&) = delete;
  FakeServer& operator=(const FakeServer&) = delete;

  const std::string& url() const { return url_; }

  // An admin endpoint: "/_faults", "/_settings", "/_stats".
  Json Admin(const std::string& path, const Json& body = nullptr) {
    HttpCall call{.method = body.is_null() ? "GET" : "POST", .url = url_ + path};
    if (!body.is_null()) call.body = DumpJson(body);
    const auto reply = http_->Send(call);
    GNOSIS_CHECK(reply.ok() && reply->status == 200);
    return *ParseJson(reply->body);
  }
  void Break(const Json& rule) { Admin("/_faults", {{"rules", Json::array({rule})}}); }
  int TimesBroken() {
    int fired = 0;
    const Json faults = Admin("/_faults");
    for (const Json& rule : faults["rules"]) fired += rule["fired"].get<int>();
    return fired;
  }

 private:
  const std::unique_ptr<HttpClient> http_ = NewHttpClient({});
  pid_t pid_ = -1;
  std::string url_;
};

}  // namespace gnosis
