// Beast has assertions that a client can make fail (an empty chunked body that arrives byte by
// byte); without them it continues correctly.
#define BOOST_DISABLE_ASSERTS

#include "net/http_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "net/head_scanner.h"
#include "net/pace.h"

namespace gnosis {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;

constexpr size_t kPieceBytes = 64 << 10;
constexpr size_t kHeadReadBytes = 4 << 10;
constexpr size_t kMaxLineBytes = 16 << 10;  // a chunk's extension, or all trailers
constexpr size_t kMaxReadAhead = 16 << 10;  // while waiting for an answer
constexpr size_t kDrainBytes = 8 << 10;
constexpr size_t kMaxDrainBytes = 1 << 20;
constexpr Milliseconds kDrainTime{2'000};

HttpFault HeadTooLarge(bool in_request_line, uint32_t limit_bytes) {
  if (in_request_line) {
    return {414, fmt::format("the request line is larger than the limit of {} bytes", limit_bytes),
            "send long values in the body, or raise MAX_HEADER_BYTES"};
  }
  return {
      431,
      fmt::format("the header of the request is larger than the limit of {} bytes", limit_bytes),
      "send fewer or shorter headers, or raise MAX_HEADER_BYTES"};
}

HttpFault BadVersion(std::string_view head) {
  const std::string_view line = head.substr(0, head.find('\r'));
  if (line.find(" HTTP/") == line.npos) {
    return {400, "the request line is malformed", "write it as METHOD /path HTTP/1.1"};
  }
  return {505, "unsupported HTTP version", "use HTTP/1.1"};
}

HttpFault TooSlow(std::string_view what, Milliseconds limit, std::string_view settings) {
  return {408, fmt::format("{} did not arrive within {} ms", what, limit.count()),
          fmt::format("repeat the request over a faster connection, or change {}", settings)};
}

class BeastReader final : public RequestReader {
 public:
  using Head = std::variant<HttpRequest, HttpFault, Gone>;
  using Body = std::variant<Piece, HttpFault, Gone>;

  BeastReader(Tcp::socket& socket, const HttpServerOptions& options)
      : socket_(socket),
        options_(options),
        deadline_(socket),
        buffer_(options.max_header_bytes + 2 * kPieceBytes),
        pace_(options.body_idle_timeout, options.min_body_bytes_per_second) {
    error_code ignored;
    socket_.non_blocking(true, ignored);  // a blocking read would stop the whole loop
  }

  Awaitable<Head> ReadHead() override {
    if (buffer_.size() == 0) {
      const bool come = co_await WaitForFirstByte();
      if (!come) co_return Gone{};
    }
    first_ = false;
    at_end_ = false;
    parser_.emplace();
    parser_->header_limit(options_.max_header_bytes);
    parser_->body_limit(boost::none);  // checked here, where the head is known
    parser_->on_chunk_header(check_chunk_);
    body_bytes_ = 0;
    pace_.Restart();
    scanner_ = {};
    scanned_ = 0;
    deadline_.Set(options_.header_timeout);
    const auto trouble = co_await ParseHead();
    const bool late = deadline_.passed();
    deadline_.Clear();
    if (trouble && std::holds_alternative<HttpFault>(*trouble)) {
      co_return std::get<HttpFault>(*trouble);
    }
    if (trouble && late)
      co_return TooSlow("the header of the request", options_.header_timeout, "HEADER_TIMEOUT");
    if (trouble) co_return Gone{};
    co_return TakeHead();
  }

  // Small chunks that arrive together are passed on together.
  Awaitable<Body> ReadBody() override {
    while (true) {
      const auto [error, size] = ParseBody();
      if (IsTrouble(error)) co_return BodyMalformed(error);
      if (size > 0 || parser_->is_done()) co_return TakePiece(size);
      if (buffer_.size() > kMaxLineBytes) co_return BodyMalformed(http::error::bad_chunk);
      const Milliseconds patience = pace_.Patience();
      deadline_.Set(patience);
      const auto begun = std::chrono::steady_clock::now();
      const bool come = co_await ReadMore(kPieceBytes);
      const bool late = deadline_.passed();
      deadline_.Clear();
      pace_.Waited(std::chrono::steady_clock::now() - begun);
      if (!come && late) {
        co_return TooSlow("more of the body", patience, "BODY_TIMEOUT or MIN_UPLOAD_RATE");
      }
      if (!come) co_return Gone{};
    }
  }

  bool HasBuffered() const override { return buffer_.size() > 0; }
  bool IsAtEnd() const override { return at_end_; }
  bool CanGoOn() const override { return at_end_ && keep_alive_; }

  Awaitable<void> WatchForHangUp() override {
    piece_.reset();
    buffer_.shrink_to_fit();
    while (buffer_.size() < kMaxReadAhead) {
      auto [error, size] = co_await socket_.async_read_some(buffer_.prepare(1 << 10), kAsTuple);
      if (error) co_return;
      // The rest of a rejected body is not the next request.
      if (IsAtEnd()) buffer_.commit(size);
    }
  }

  Awaitable<void> Drain() override {
    error_code ignored;
    socket_.shutdown(Tcp::socket::shutdown_send, ignored);
    buffer_.clear();
    deadline_.Set(kDrainTime);
    buffer_.shrink_to_fit();
    piece_.reset();
    size_t drained = 0;
    while (drained < kMaxDrainBytes) {
      auto [error, size] = co_await socket_.async_read_some(buffer_.prepare(kDrainBytes), kAsTuple);
      if (error) break;
      drained += size;
    }
    deadline_.Clear();
  }

 private:
  // Without a buffer: an idle connection holds as little memory as it can.
  Awaitable<bool> WaitForFirstByte() {
    buffer_.shrink_to_fit();
    piece_.reset();
    parser_.reset();
    deadline_.Set(first_ ? options_.header_timeout : options_.keep_alive_timeout);
    auto [error] = co_await socket_.async_wait(Tcp::socket::wait_read, kAsTuple);
    deadline_.Clear();
    co_return !error;
  }

  // Bytes that have arrived are taken at once. While none arrive, no buffer is held for them: many
  // clients may be silent in the middle of a request.
  Awaitable<bool> ReadMore(size_t at_most) {
    error_code error;
    size_t size = socket_.read_some(buffer_.prepare(at_most), error);
    if (error == asio::error::would_block) {
      buffer_.shrink_to_fit();
      piece_.reset();
      auto [wait_error] = co_await socket_.async_wait(Tcp::socket::wait_read, kAsTuple);
      if (wait_error) co_return false;
      size = socket_.read_some(buffer_.prepare(at_most), error);
      // Nothing arrived after all: wait again.
      if (error == asio::error::would_block) co_return true;
    }
    if (!error) buffer_.commit(size);
    co_return !error;
  }

  // Passes buffered bytes to the parser.
  error_code Parse() {
    if (buffer_.size() == 0) return http::error::need_more;
    error_code error;
    const size_t parsed = parser_->put(buffer_.data(), error);
    buffer_.consume(parsed);
    scanned_ -= std::min(parsed, scanned_);
    return error;
  }

  // Bytes of the body, into the piece.
  std::pair<error_code, size_t> ParseBody() {
    if (!piece_) piece_ = std::make_unique_for_overwrite<char[]>(kPieceBytes);
    auto& body = parser_->get().body();
    body.data = piece_.get();
    body.size = kPieceBytes;
    body.more = true;
    parser_->eager(true);
    const error_code error = Parse();
    return {error, kPieceBytes - body.size};
  }

  // Bytes that were not examined yet.
  std::optional<std::string_view> Scan() {
    const std::string_view bytes(static_cast<const char*>(buffer_.data().data()), buffer_.size());
    const auto wrong = scanner_.Feed(bytes.substr(scanned_));
    scanned_ = bytes.size();
    return wrong;
  }
  static bool IsTrouble(const error_code& error) {
    return error && error != http::error::need_more && error != http::error::need_buffer;
  }

  // Nothing: the head is complete. The parser's own limit would not count the fields it has already
  // consumed.
  Awaitable<std::optional<std::variant<HttpFault, Gone>>> ParseHead() {
    size_t head_bytes = 0;
    while (true) {
      const size_t buffered = buffer_.size();
      if (buffered > 0) {
        if (const auto wrong = Scan()) co_return HeadSmuggles(*wrong);
      }
      const error_code error = Parse();
      head_bytes += buffered - buffer_.size();
      const bool done = parser_->is_header_done();
      const size_t seen_bytes = head_bytes + (done ? 0 : buffer_.size());
      if (error == http::error::header_limit || seen_bytes > options_.max_header_bytes) {
        co_return HeadTooLarge(parser_->get().target().empty(), options_.max_header_bytes);
      }
      if (IsTrouble(error)) co_return HeadMalformed(error);
      if (done) co_return std::nullopt;
      const bool come = co_await ReadMore(kHeadReadBytes);
      if (!come) co_return Gone{};
    }
  }

  HttpFault HeadMalformed(const error_code& error) const {
    const std::string_view line(static_cast<const char*>(buffer_.data().data()), buffer_.size());
    if (error == http::error::bad_version) return BadVersion(line);
    return HttpFault{400, "the header of the request is malformed: " + error.message(),
                     "send an HTTP/1.1 request (RFC 9112)"};
  }
  static HttpFault HeadSmuggles(std::string_view wrong) {
    return HttpFault{400, fmt::format("the header of the request holds {}", wrong),
                     "end every line with CR LF and do not fold lines (RFC 9112)"};
  }
  static HttpFault BodyMalformed(const error_code& error) {
    return HttpFault{400, "the body of the request is malformed: " + error.message(),
                     "check the chunked encoding (RFC 9112 section 7.1)"};
  }

  HttpFault BodyTooLarge() const {
    return {413,
            fmt::format("the body is larger than the limit of {} bytes", options_.max_body_bytes),
            options_.body_limit_hint};
  }

  Head TakeHead() {
    const auto& message = parser_->get();
    RawHead head;
    head.method = std::string(message.method_string());
    head.target = std::string(message.target());
    for (const auto& field : message) {
      head.headers.Add(std::string(field.name_string()), std::string(field.value()));
    }
    head.http_1_0 = message.version() < 11;
    head.chunked = parser_->chunked();
    if (const auto length = parser_->content_length()) head.content_length = *length;
    NoteEnd();
    auto checked = CheckHead(std::move(head), options_.max_target_bytes);
    if (auto* fault = std::get_if<HttpFault>(&checked)) return std::move(*fault);
    auto& request = std::get<HttpRequest>(checked);
    if (request.content_length.value_or(0) > options_.max_body_bytes) return BodyTooLarge();
    return std::move(request);
  }

  Body TakePiece(size_t size) {
    body_bytes_ += size;
    pace_.Moved(size);
    if (body_bytes_ > options_.max_body_bytes) return BodyTooLarge();
    NoteEnd();
    return Piece{std::string_view(piece_.get(), size),
                 at_end_ ? Piece::Then::kDone : Piece::Then::kMore};
  }

  // While the answer is made, awaited and sent, the parser's copy of the head is not needed.
  void NoteEnd() {
    at_end_ = parser_->is_done();
    if (!at_end_) return;
    keep_alive_ = parser_->keep_alive();
    parser_.reset();
  }

  Tcp::socket& socket_;
  const HttpServerOptions& options_;
  Deadline deadline_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::buffer_body>> parser_;
  bool first_ = true;
  std::unique_ptr<char[]> piece_;
  uint64_t body_bytes_ = 0;
  Pace pace_;  // of the body
  bool at_end_ = false;
  bool keep_alive_ = false;
  // The parser allows a line end within quotes, where others see the end of the line.
  std::function<void(uint64_t, boost::core::string_view, error_code&)> check_chunk_ =
      [](uint64_t, boost::core::string_view extensions, error_code& error) {
        if (std::any_of(extensions.begin(), extensions.end(), IsControl)) {
          error = http::error::bad_chunk_extension;
        }
      };
  HeadScanner scanner_;
  size_t scanned_ = 0;  // bytes at the front of the buffer that the scanner has seen
};

}  // namespace

std::unique_ptr<RequestReader> NewRequestReader(Tcp::socket& socket,
                                                const HttpServerOptions& options) {
  return std::make_unique<BeastReader>(socket, options);
}

}  // namespace gnosis
