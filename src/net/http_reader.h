// Reads requests from a socket: a head, then its body piece by piece, then the next head.
//
// Runs on the event loop, within the limits of HttpServerOptions. A limit, a time-out or a
// malformed request is an HttpFault: answer it and close, since the reader cannot find the next
// request. The socket does not block. kGone: the caller has hung up, or was idle too long, or the
// socket was closed by us.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "net/http_head.h"
#include "net/http_loop.h"
#include "net/http_server.h"

namespace gnosis {

struct Gone {};
struct Piece {
  std::string_view bytes;  // valid until the next call; at most 64 KiB
  enum class Then { kMore, kDone } then = Then::kMore;
};

class RequestReader {
 public:
  virtual ~RequestReader() = default;
  // The next request without its body. The first one has to arrive within `header_timeout`, later
  // ones within `keep_alive_timeout`.
  virtual Awaitable<std::variant<HttpRequest, HttpFault, Gone>> ReadHead() = 0;
  // The body of the last head. May be called until kDone; not for a request without a body.
  virtual Awaitable<std::variant<Piece, HttpFault, Gone>> ReadBody() = 0;
  // Whether the client has sent bytes that were not read yet.
  virtual bool HasBuffered() const = 0;
  // Whether the last request was read to its end.
  virtual bool IsAtEnd() const = 0;
  // The same, and the client wants to keep the connection.
  virtual bool CanGoOn() const = 0;
  // While waiting for an answer: reads ahead until the client hangs up, sends more than a few
  // requests ahead, or this is cancelled.
  virtual Awaitable<void> WatchForHangUp() = 0;
  // Discards incoming bytes until the client hangs up, within limits: closing a socket with unread
  // bytes could cost the client the answer.
  virtual Awaitable<void> Drain() = 0;
};

// The socket no longer blocks afterwards.
std::unique_ptr<RequestReader> NewRequestReader(Tcp::socket& socket,
                                                const HttpServerOptions& options);

}  // namespace gnosis
