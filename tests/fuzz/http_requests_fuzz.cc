// What a client may send over one connection: heads, bodies, chunks, several requests in a row.
//
// The first byte of an input says in how many pieces the rest arrives.
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "net/http_loop.h"
#include "net/http_reader.h"

namespace {

using gnosis::Awaitable;

constexpr size_t kMaxInputBytes = 60'000;  // what a socket pair takes without a reader
constexpr uint64_t kMaxBodyBytes = 20'000;

gnosis::HttpServerOptions Options() {
  gnosis::HttpServerOptions options;
  options.max_body_bytes = kMaxBodyBytes;
  options.max_header_bytes = 4096;
  return options;
}

void CheckFault(const gnosis::HttpFault& fault) {
  GNOSIS_CHECK(fault.status >= 400 && fault.status < 600);
  GNOSIS_CHECK(!fault.detail.empty());
}

void CheckRequest(const gnosis::HttpRequest& request) {
  GNOSIS_CHECK(request.path.starts_with('/') || request.path == "*");
  // What two parsers could understand in two ways never gets here.
  GNOSIS_CHECK(!(request.content_length && request.headers.Get("Transfer-Encoding")));
  for (const auto& [name, value] : request.headers.all()) {
    GNOSIS_CHECK(std::none_of(name.begin(), name.end(), [](char c) { return c == '\n'; }));
    GNOSIS_CHECK(value.find_first_of(std::string_view("\r\n\0", 3)) == value.npos);
  }
}

Awaitable<bool> ReadWholeBody(gnosis::RequestReader& reader, const gnosis::HttpRequest& request) {
  uint64_t body_bytes = 0;
  while (true) {
    auto body = co_await reader.ReadBody();
    if (const auto* fault = std::get_if<gnosis::HttpFault>(&body)) CheckFault(*fault);
    const auto* piece = std::get_if<gnosis::Piece>(&body);
    if (piece == nullptr) co_return false;
    body_bytes += piece->bytes.size();
    GNOSIS_CHECK(body_bytes <= kMaxBodyBytes);
    if (piece->then == gnosis::Piece::Then::kMore) continue;
    if (request.content_length) GNOSIS_CHECK(body_bytes == *request.content_length);
    co_return true;
  }
}

Awaitable<void> ReadAll(gnosis::RequestReader& reader) {
  while (true) {
    auto head = co_await reader.ReadHead();
    if (const auto* fault = std::get_if<gnosis::HttpFault>(&head)) CheckFault(*fault);
    const auto* request = std::get_if<gnosis::HttpRequest>(&head);
    if (request == nullptr) co_return;
    CheckRequest(*request);
    if (request->has_body) {
      const bool whole = co_await ReadWholeBody(reader, *request);
      if (!whole) co_return;
    }
    GNOSIS_CHECK(reader.IsAtEnd());
    if (!reader.CanGoOn()) co_return;
  }
}

Awaitable<void> SendInPieces(int client, std::string_view bytes, size_t pieces,
                             const boost::asio::any_io_executor& loop) {
  const size_t step = std::max<size_t>(1, (bytes.size() + pieces - 1) / pieces);
  for (size_t at = 0; at < bytes.size(); at += step) {
    const std::string_view piece = bytes.substr(at, step);
    GNOSIS_CHECK(write(client, piece.data(), piece.size()) == ssize_t(piece.size()));
    co_await boost::asio::post(loop, boost::asio::use_awaitable);
  }
  shutdown(client, SHUT_WR);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0 || size > kMaxInputBytes) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  int ends[2];
  GNOSIS_CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
  {
    boost::asio::io_context loop(1);
    gnosis::Tcp::socket server(loop);
    server.assign(gnosis::Tcp::v4(), ends[0]);
    const auto options = Options();
    const auto reader = gnosis::NewRequestReader(server, options);
    const auto executor = boost::asio::any_io_executor(loop.get_executor());
    boost::asio::co_spawn(loop, ReadAll(*reader), boost::asio::detached);
    boost::asio::co_spawn(loop, SendInPieces(ends[1], bytes, 1 + data[0] % 32, executor),
                          boost::asio::detached);
    loop.run();
  }
  close(ends[1]);
  return 0;
}
