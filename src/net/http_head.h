// Heads of requests and responses according to HTTP/1.1 (RFC 9112). Independent of sockets.
//
// A request's head is parsed by the server's parser (RawHead), checked here, and becomes either a
// request for the handler or a fault that the server answers itself.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "base/clock.h"
#include "net/http.h"
#include "net/http_target.h"

namespace gnosis {

// An error that the server itself finds in a request.
struct HttpFault {
  int status = 400;
  std::string detail;
  std::string hint;
};
// problem+json (RFC 9457).
HttpResponse FaultResponse(const HttpFault& fault);

struct RawHead {
  std::string method;
  std::string target;
  HttpHeaders headers;
  bool http_1_0 = false;
  bool chunked = false;
  std::optional<uint64_t> content_length;
};
std::variant<HttpRequest, HttpFault> CheckHead(RawHead head,
                                               size_t max_target_bytes = kMaxTargetBytes);
// The client waits for "100 Continue" before it sends the body.
bool ExpectsContinue(const HttpRequest& request);

// How the end of a response's body is indicated.
struct Framing {
  enum class Kind { kNoBody, kLength, kChunked, kUntilClose };
  Kind kind = Kind::kNoBody;
  uint64_t length_bytes = 0;
};
Framing FramingOf(const HttpResponse& response, bool http_1_0);

enum class After { kKeepAlive, kClose };
// Everything up to the body. The server sets Connection, Content-Length, Transfer-Encoding and
// Date: a handler's are dropped.
std::string WriteHead(const HttpResponse& response, const Framing& framing, After after, Time now);

}  // namespace gnosis
