// A small HTTP client over a plain socket, for tests: it can also send what no client should.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/file.h"

namespace gnosis {

struct TestResponse {
  int status = 0;
  std::string head;  // with the status line
  std::string body;  // de-chunked
};

class TestClient {
 public:
  explicit TestClient(uint16_t port, int receive_bytes = 0)
      : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    if (receive_bytes > 0) {
      ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVBUF, &receive_bytes, sizeof receive_bytes);
    }
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ =
        ::connect(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    const int on = 1;  // every Send is a packet of its own
    ::setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const timeval limit{.tv_sec = 10, .tv_usec = 0};
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  }

  bool connected() const { return connected_; }

  // True: something has come, or does within `time`.
  bool HasAnswer(std::chrono::milliseconds time) {
    pollfd one{socket_.get(), POLLIN, 0};
    return !read_.empty() || ::poll(&one, 1, int(time.count())) > 0;
  }

  // True: the server has reset the connection, or does within `time`. Reads nothing.
  bool IsReset(std::chrono::milliseconds time) {
    pollfd one{socket_.get(), 0, 0};
    return ::poll(&one, 1, int(time.count())) > 0 && (one.revents & POLLERR) != 0;
  }
  // The server can send little ahead of what is read. Before the first request.
  static TestClient WithSmallBuffers(uint16_t port) { return TestClient(port, 4096); }

  // False: the server has closed.
  bool Send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(size_t(sent));
    }
    return true;
  }
  void EndSending() { ::shutdown(socket_.get(), SHUT_WR); }
  void HangUp() { socket_.Reset(-1); }

  // Reads until `text` is among what was not consumed yet, and consumes up to its end.
  std::string ReadThrough(std::string_view text) {
    size_t found;
    while ((found = read_.find(text)) == read_.npos) {
      if (!ReadMore()) return Take(read_.size());
    }
    return Take(found + text.size());
  }
  // False: the server has closed, or reset.
  bool ReadSome() { return ReadMore(); }
  std::string ReadToEnd() {
    while (ReadMore()) {
    }
    return Take(read_.size());
  }
  // True: the server closes and says nothing more.
  bool IsClosed() { return ReadToEnd().empty() && closed_; }

  TestResponse ReadResponse() {
    TestResponse response;
    response.head = ReadThrough("\r\n\r\n");
    if (response.head.size() < 12) return response;
    response.status = std::atoi(response.head.c_str() + 9);
    const std::string length = Header(response.head, "Content-Length");
    if (!length.empty()) response.body = ReadExactly(size_t(std::atoll(length.c_str())));
    if (Header(response.head, "Transfer-Encoding") == "chunked") response.body = ReadChunks();
    return response;
  }
  TestResponse Ask(std::string_view request) {
    Send(request);
    return ReadResponse();
  }

  static std::string Header(const std::string& head, const std::string& name) {
    const size_t found = head.find("\r\n" + name + ": ");
    if (found == head.npos) return "";
    const size_t start = found + name.size() + 4;
    return head.substr(start, head.find("\r\n", start) - start);
  }

 private:
  std::string Take(size_t size) {
    std::string taken = read_.substr(0, size);
    read_.erase(0, size);
    return taken;
  }
  std::string ReadExactly(size_t size) {
    while (read_.size() < size && ReadMore()) {
    }
    return Take(size);
  }
  std::string ReadChunks() {
    std::string body;
    while (true) {
      const size_t size = std::strtoul(ReadThrough("\r\n").c_str(), nullptr, 16);
      body += ReadExactly(size);
      ReadThrough("\r\n");
      if (size == 0) return body;
    }
  }
  bool ReadMore() {
    char bytes[16 << 10];
    const ssize_t got = ::recv(socket_.get(), bytes, sizeof bytes, 0);
    EXPECT_FALSE(got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) << "the server is silent";
    closed_ = got == 0;
    if (got > 0) read_.append(bytes, size_t(got));
    return got > 0;
  }

  FileDescriptor socket_;
  bool connected_ = false;
  bool closed_ = false;
  std::string read_;
};

}  // namespace gnosis
