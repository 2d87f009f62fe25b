// HTTP requests and responses as values. Independent of sockets.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/file.h"
#include "base/result.h"

namespace gnosis {

// Names are compared without regard to case; the first of several equal names wins.
class HttpHeaders {
 public:
  void Set(std::string name, std::string value);  // replaces
  void Add(std::string name, std::string value);
  std::optional<std::string> Get(std::string_view name) const;
  const std::vector<std::pair<std::string, std::string>>& all() const { return fields_; }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

struct HttpRequest {
  std::string method;                 // "GET"; HEAD is kept as such, its response has no body
  std::string path;                   // percent-decoded, without the query, starts with '/'
  std::vector<std::string> segments;  // each decoded on its own; "/" has an empty one
  std::map<std::string, std::string> query;  // decoded, "+" is a space; the first of equals wins
  HttpHeaders headers;
  std::optional<uint64_t> content_length;  // nothing when chunked
  bool has_body = false;
  std::string remote_address;  // "127.0.0.1"
  uint16_t local_port = 0;     // that the client connected to
  bool http_1_0 = false;
};

// A file, or a part of it, as a body: sent in pieces, in constant memory.
struct FileBody {
  std::shared_ptr<FileDescriptor>
      file;  // shared: the response is copied into the sending coroutine
  uint64_t offset = 0;
  uint64_t size_bytes = 0;
};

// Bytes shared by many answers: part of the program, or alive as long as `owner`.
struct SharedBytes {
  std::string_view bytes;
  std::shared_ptr<const void> owner = nullptr;
};

// No more wakes once it is destroyed (on the blocking pool).
class Subscription {
 public:
  virtual ~Subscription() = default;
};
using Wake = std::function<void()>;  // from any thread, any number of times; must not block
using Subscribe = std::function<std::unique_ptr<Subscription>(Wake)>;

// A body that is produced over time (Server-Sent Events), or is too large to hold in memory while
// it is sent: sent chunked, Next is called on the blocking pool at the start, after every wake and
// at least every `heartbeat`, and only when the client has room for more. OnChange is called before
// the first Next. When the server stops, Next is only called while it returns kAtOnce.
class LiveBody {
 public:
  virtual ~LiveBody() = default;
  // kMore: call again when woken. kAtOnce: as soon as this piece is sent. kCut: there will be no
  // more, although the body is incomplete; the client must notice, so the answer is aborted instead
  // of ended.
  enum class Then { kMore, kAtOnce, kEnd, kCut };
  // Appends what is available (may be nothing) to `out`; if that is much, one piece of it.
  virtual Then Next(std::string& out) = 0;
  virtual std::unique_ptr<Subscription> OnChange(Wake wake) = 0;
  Milliseconds heartbeat{15'000};
};

struct HttpResponse {
  int status = 200;
  HttpHeaders headers;
  std::variant<std::string, FileBody, std::unique_ptr<LiveBody>, SharedBytes> body;
};
HttpResponse TextResponse(int status, std::string content_type, std::string body);
// The headers that tell a browser in every answer: guess no types, run and load nothing, allow no
// frames, share with no other site, keep no copy. A response may set its own rules for loading and
// caching.
void AddSafetyHeaders(HttpResponse& response);
// "Fri, 11 Jul 2025 18:00:00 GMT" (RFC 9110 section 5.6.7).
std::string HttpDate(Time time);
// The name under which an address is counted: for IPv6 the first 64 bits, since one client usually
// has the whole network.
std::string AddressGroup(const std::string& address);
std::string_view ReasonPhrase(int status);

// "Ask me again when this wakes or when `timeout` has passed": long polls, Prefer: wait. A stopping
// server asks with kTimeout at once, and answers 503 if the result is to wait again.
struct WaitFor {
  Subscribe subscribe;
  Milliseconds timeout{0};
};
using Answer = std::variant<HttpResponse, WaitFor>;

// One request being answered. All calls come one after another, on the blocking pool; it is also
// destroyed there: when there is an answer, maybe before that was sent (so a body must not refer to
// anything in here), or when the caller hung up while it waited.
class Exchange {
 public:
  virtual ~Exchange() = default;
  // A piece of the (de-chunked) body, at most 64 KiB. An error stops reading: End is called with it
  // at once. If there is a body, the first call has no bytes and comes before any is read: an error
  // then rejects the body unread (and unsent, if the client waits for 100 Continue).
  virtual Status OnBody(std::string_view bytes) = 0;
  enum class Why { kBodyDone, kBodyFailed, kWoken, kTimeout };
  // The body is complete, or failed (the error of OnBody; or the caller hung up, was too slow, sent
  // too much or something malformed: then the answer is discarded); later again for each WaitFor.
  virtual Answer End(Why why) = 0;
};

class HttpHandler {
 public:
  virtual ~HttpHandler() = default;
  // The head has been read. On the blocking pool, from several threads at once.
  virtual std::unique_ptr<Exchange> Start(HttpRequest request) = 0;
  // True: Start and the exchange's End never block, neither on a disk nor on a lock held during
  // disk access. Such a request (it must have no body) is answered on the event loop, and so even
  // while every thread of the pool hangs.
  virtual bool IsQuick(const HttpRequest&) const { return false; }
};

}  // namespace gnosis
