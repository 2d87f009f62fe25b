// For tests of `serve`: a service that runs in a process of its own, a fork of the test, and what
// it says. Its readers are fakes (HomeTest), and it listens on a free port of loopback.
#pragma once

#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "app/commands.h"
#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "support/home_fixture.h"
#include "support/http_test_client.h"

namespace gnosis {

// Ends with the test, at the latest.
class ServiceProcess {
 public:
  explicit ServiceProcess(const std::function<ExitCode()>& run) {
    std::array<int, 2> ends{};
    GNOSIS_CHECK(::pipe2(ends.data(), O_CLOEXEC) == 0);
    std::fflush(nullptr);  // or it would be printed twice
    pid_ = ::fork();
    GNOSIS_CHECK(pid_ >= 0);
    if (pid_ == 0) RunChild(run, ends[1]);
    ::close(ends[1]);
    output_.Reset(ends[0]);
  }
  ~ServiceProcess() {
    if (pid_ > 0) Kill();
  }
  ServiceProcess(const ServiceProcess&) = delete;
  ServiceProcess& operator=(const ServiceProcess&) = delete;

  // The next line that has `text` in it; "" when the service ends without. Waiting has a limit, so
  // that a broken service fails the test instead of hanging it.
  std::string AwaitLine(std::string_view text) {
    while (true) {
      const std::string line = NextLine();
      if (line.empty() || line.find(text) != line.npos) return line;
    }
  }
  // "" unless it comes to serve.
  std::string AwaitListening() {
    const std::string line = AwaitLine(" listening ");
    EXPECT_NE(line, "") << "it did not start:\n" << said_;
    const size_t host = line.find("url=http://");
    if (host != line.npos)
      port_ = uint16_t(std::atoi(line.c_str() + line.find(':', host + 11) + 1));
    return line;
  }
  // Of a service that ends by itself, or was told to.
  ExitCode AwaitEnd() {
    while (!NextLine().empty()) {
    }
    int wait_status = 0;
    EXPECT_GT(::waitpid(std::exchange(pid_, -1), &wait_status, 0), 0);
    EXPECT_TRUE(WIFEXITED(wait_status)) << "it was killed:\n" << said_;
    return ExitCode(WEXITSTATUS(wait_status));
  }
  ExitCode EndBy(int signal) {
    Send(signal);
    return AwaitEnd();
  }

  void Send(int signal) const { ::kill(pid_, signal); }
  // As a crash.
  void Kill() {
    Send(SIGKILL);
    ::waitpid(std::exchange(pid_, -1), nullptr, 0);
  }
  uint16_t port() const { return port_; }
  // All that was read of what it printed, on standard output and standard error.
  const std::string& said() const { return said_; }

  TestResponse Ask(const std::string& method, const std::string& target,
                   const std::string& body = "", const std::string& headers = "") const {
    std::string head = method + " " + target + " HTTP/1.1\r\nHost: localhost\r\n" + headers;
    if (method == "POST") head += fmt::format("Content-Length: {}\r\n", body.size());
    return TestClient(port_).Ask(head + "\r\n" + body);
  }

 private:
  // noexcept: an exception must not go on with the tests that come next.
  [[noreturn]] static void RunChild(const std::function<ExitCode()>& run, int output) noexcept {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::dup2(output, STDOUT_FILENO);
    ::dup2(output, STDERR_FILENO);
    std::exit(int(run()));
  }

  // With its line feed. "": the end.
  std::string NextLine() {
    while (true) {
      const size_t end = said_.find('\n', read_to_);
      if (end != said_.npos) {
        const size_t begin = std::exchange(read_to_, end + 1);
        return said_.substr(begin, read_to_ - begin);
      }
      if (!ReadMore()) return "";
    }
  }
  bool ReadMore() {
    constexpr int kLimitMs = 30'000;
    pollfd one{output_.get(), POLLIN, 0};
    if (::poll(&one, 1, kLimitMs) <= 0) {
      ADD_FAILURE() << "the service is silent, and goes on:\n" << said_;
      Send(SIGKILL);
      return false;
    }
    std::array<char, 4096> bytes;
    const ssize_t got = ::read(output_.get(), bytes.data(), bytes.size());
    if (got > 0) said_.append(bytes.data(), size_t(got));
    return got > 0;
  }

  pid_t pid_ = -1;
  uint16_t port_ = 0;
  FileDescriptor output_;
  std::string said_;
  size_t read_to_ = 0;
};

// What became of a service that did not start.
struct Refusal {
  ExitCode code = ExitCode::kOk;
  std::string said;
};

class ServiceTest : public HomeTest {
 protected:
  ServiceTest() {
    home_.reset();  // the service makes its own; a fork should not begin in the middle of threads
    SetLogLevel(LogLevel::kInfo);
    Use({});
  }

  void Use(std::map<std::string, std::string> changes) {
    changes.try_emplace("PORT", "0");
    changes.try_emplace("DISK_FLOOR", "0");
    changes.try_emplace("MEMORY_FLOOR", "0");
    changes.try_emplace("MAX_CONNECTIONS", "100");  // so few that nothing is said of them
    settings_ = SettingsWith(std::move(changes));
  }
  Result<std::unique_ptr<Home>> MakeServiceHome() {
    if (settings_.cloud.on) return Home::MakeInCloudWith(FakeReaders(), settings_);
    return Home::MakeWith(FakeReaders(), settings_, settings_.data_dir, settings_.owner_limits);
  }
  std::function<ExitCode()> Serve() {
    return [this] {
      constexpr uid_t kNobody = 65'534;
      if (is_nobody_ && ::geteuid() == 0) GNOSIS_CHECK(::setresuid(kNobody, kNobody, kNobody) == 0);
      return RunServe(settings_, [this](const Settings&) { return MakeServiceHome(); });
    };
  }
  Refusal Refused() {
    ServiceProcess service(Serve());
    if (!service.AwaitLine(" listening ").empty()) {
      ADD_FAILURE() << "it is not refused:\n" << service.said();
      service.Kill();
      return {};
    }
    const ExitCode code = service.AwaitEnd();
    return {code, service.said()};
  }

  // A session that was begun by a process that then died.
  SessionKey Begin(const std::string& document) {
    const auto home = MakeServiceHome();
    return Admit(**home, document);
  }

  static std::string Submit(const ServiceProcess& service, const std::string& document) {
    const TestResponse response = service.Ask("POST", "/api/v1/jobs?formats=txt", document,
                                              "Content-Type: application/octet-stream\r\n");
    // 200: it is completed already.
    EXPECT_TRUE(response.status == 202 || response.status == 200) << response.body;
    const auto job = ParseJson(response.body);
    return job.ok() ? JsonString(*job, "job_id").value_or("") : "";
  }
  // Its text, once it is completed.
  static std::string TextOf(const ServiceProcess& service, const std::string& job_id) {
    const std::string path = "/api/v1/jobs/" + job_id;
    int64_t seen = -1;
    while (true) {
      const TestResponse response =
          service.Ask("GET", fmt::format("{}?wait=8&since={}", path, std::max<int64_t>(0, seen)));
      const auto job = ParseJson(response.body);
      if (!job.ok()) return "(" + job.error().message + ")";
      if (JsonString(*job, "status") == "completed") {
        return service.Ask("GET", path + "/result?format=txt").body;
      }
      const int64_t revision = JsonInteger(*job, "revision").value_or(0);
      if (revision <= seen) return "(nothing comes of it: " + response.body + ")";
      seen = revision;
    }
  }

  bool is_nobody_ = false;  // what is served from now on
};

// A port of loopback that is taken for as long as this lives.
class TakenPort {
 public:
  TakenPort() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    GNOSIS_CHECK(::bind(socket_.get(), any, size) == 0 && ::listen(socket_.get(), 1) == 0);
    GNOSIS_CHECK(::getsockname(socket_.get(), any, &size) == 0);
    port_ = ntohs(address.sin_port);
  }
  std::string port() const { return fmt::to_string(port_); }

 private:
  FileDescriptor socket_;
  uint16_t port_ = 0;
};

}  // namespace gnosis
