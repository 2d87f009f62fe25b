// The interface to external servers: one HTTP call, from values to values.
//
// The life of a call: connected (or an idle connection is reused) -> sent, at most once -> its
// response read within the limits -> returned, whatever its status. Nothing is retried (net/retry.h
// does that), redirected or decompressed here, and no proxy is taken from the environment.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "net/http.h"

namespace gnosis {

struct HttpReply {
  int status = 0;
  HttpHeaders headers;
  std::string body;
};

struct HttpCall {
  std::string method = "GET";
  std::string url;  // http or https; already percent-encoded
  HttpHeaders headers;
  std::string body;  // sent when not empty, and with POST, PUT and PATCH

  // Takes the body of a 2xx response piece by piece; an error ends the call with that error.
  // Without it, and for other statuses, the body is in HttpReply::body.
  std::function<Status(std::string_view)> sink;
  // Sees status and headers before the sink's first piece.
  std::function<Status(const HttpReply&)> on_head;

  uint64_t max_body_bytes = uint64_t{1} << 20;    // of the response
  uint64_t max_header_bytes = uint64_t{1} << 16;  // of the response, all lines together
  Milliseconds connect_timeout{10'000};
  Milliseconds total_timeout{60'000};
  // The call ends when fewer than this many bytes a second were transferred for this long.
  uint32_t low_speed_bytes_per_s = 1'000;
  Seconds low_speed_time{30};
  std::stop_token stop;  // checked at least once a second
};

class HttpClient {
 public:
  virtual ~HttpClient() = default;
  // From any thread. Errors: kUnavailable (no connection, or cut off), kTimeout: in both cases the
  // server may have carried out the request. kTooLarge (over a limit), kInterrupted (stop was
  // requested), kInvalidArgument (not an http or https URL), and what the sink returned.
  virtual Result<HttpReply> Send(const HttpCall& call) = 0;
};

struct HttpClientOptions {
  std::string user_agent = "gnosis-ocr";
  std::string ca_file;           // PEM; "" is the system's
  std::string proxy;             // "" is none
  size_t max_idle_handles = 32;  // each keeps its connections open
};
// Over libcurl; TLS certificates and host names are verified.
std::unique_ptr<HttpClient> NewHttpClient(HttpClientOptions options);

}  // namespace gnosis
