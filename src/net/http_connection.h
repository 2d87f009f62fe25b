// One client's connection, from its acceptance to its end.
//
// Idle (waiting for a request) -> reading a head -> answering -> idle again, or closed. Answering:
// the handler starts an exchange on the pool, takes the body piece by piece (the next piece is read
// once the last one was taken), ends; the response is sent. While a long poll or a live body waits,
// no thread is occupied: a bell is rung by the subscription, the heartbeat, a hang-up or Finish.
#pragma once

#include <functional>
#include <list>
#include <memory>
#include <string>

#include "net/http_head.h"
#include "net/http_loop.h"
#include "net/http_server.h"
#include "net/unsent_answers.h"

namespace gnosis {

class Connection;

// The state that all connections share; outlives them.
struct ConnectionWorld {
  asio::thread_pool& pool;
  asio::thread_pool& body_pool;  // for requests with a body
  HttpHandler& handler;
  const HttpServerOptions& options;
  bool stopping = false;
  UnsentAnswers unsent{options.max_unsent_bytes};
  // Connections that wait for a request, or for the rest of its head; the one waiting longest
  // first.
  std::list<Connection*> idle;
};

// All calls on the event loop.
class Connection {
 public:
  virtual ~Connection() = default;
  // No further requests; idle or waiting connections end now. Called when `stopping` has been set.
  virtual void Finish() = 0;
  // Everything in progress fails soon.
  virtual void Close() = 0;
};

std::string AddressOf(const Tcp::socket& socket);  // "" when the client has gone

// Served until the connection is over; then `gone` is called, once, on the loop.
std::shared_ptr<Connection> ServeConnection(ConnectionWorld& world, Tcp::socket socket,
                                            const std::function<void(Connection*)>& gone);
// Answers `fault`, whatever the request, and closes.
std::shared_ptr<Connection> TurnAwayConnection(ConnectionWorld& world, Tcp::socket socket,
                                               HttpFault fault,
                                               const std::function<void(Connection*)>& gone);

}  // namespace gnosis
