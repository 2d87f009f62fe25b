// The server's side of HTTP/1.1: one event loop for sockets, a bounded pool for handlers.
//
// Boost stays behind this header: http_server.cc accepts and stops, http_connection.cc moves one
// client through its requests, http_reader.cc (the only one with Beast) reads them, http_loop.h
// holds what their coroutines wait with.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "net/http.h"

namespace gnosis {

// Each limit with its setting.
struct HttpServerOptions {
  std::string host = "127.0.0.1";
  uint16_t port = 7799;  // 0: any free port
  // Requests with a body have threads of their own, so that other requests are answered however
  // slow uploads are.
  int blocking_threads = 8;
  int body_threads = 8;
  uint32_t max_header_bytes = 16 << 10;          // MAX_HEADER_BYTES: 431 above
  size_t max_target_bytes = 8 << 10;             // MAX_TARGET_BYTES: 414 above
  uint64_t max_body_bytes = 500'000'000;         // 413 above; checked before and while reading
  int max_connections = 10'000;                  // MAX_CONNECTIONS: the longest idle one gives
                                                 // way; 503 and close when none is idle
  int max_connections_per_address = 2'000;       // MAX_CONNECTIONS_PER_ADDRESS: 429 and close
  Milliseconds header_timeout{15'000};           // HEADER_TIMEOUT: 408 and close
  Milliseconds body_idle_timeout{60'000};        // BODY_TIMEOUT: 408 and close; a client that
                                                 // takes nothing of an answer is reset
  uint64_t min_body_bytes_per_second = 1'000;    // MIN_UPLOAD_RATE: 408 for a body that has been
                                                 // awaited longer than that and BODY_TIMEOUT
  uint64_t min_answer_bytes_per_second = 1'000;  // MIN_DOWNLOAD_RATE: likewise for taking an
                                                 // answer, whose connection is reset
  uint64_t max_unsent_bytes = 64'000'000;   // MAX_UNSENT_BYTES: answers in memory that wait for
                                            // slow readers; the slowest is reset
  Milliseconds keep_alive_timeout{60'000};  // KEEP_ALIVE_TIMEOUT
  std::string body_limit_hint;              // appended to the 413's problem+json
};

class HttpServer {
 public:
  virtual ~HttpServer() = default;
  virtual uint16_t port() const = 0;
  // No new connections or requests; those in progress get `grace` to finish (live bodies and long
  // polls are ended at once), then everything is closed. Returns when everything is closed and the
  // handler's last call has returned: those calls cannot be interrupted.
  virtual void Stop(Milliseconds grace) = 0;
};

// Listens and serves until Stop(). `handler` must outlive the server. kIo with the address when the
// port is taken or the address is not ours. Malformed requests are answered by the server itself
// with problem+json (400, 408, 413, 414, 417, 429, 431, 501, 503, 505) and the connection is
// closed; HEAD is answered without the body. Expect: 100-continue is honoured.
Result<std::unique_ptr<HttpServer>> StartHttpServer(const HttpServerOptions& options,
                                                    HttpHandler& handler);

}  // namespace gnosis
