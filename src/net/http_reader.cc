#include "net/http_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <optional>

namespace gnosis {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;

constexpr size_t kPieceBytes = 64 << 10;
constexpr size_t kMaxReadAhead = 16 << 10;  // while an answer is awaited
constexpr size_t kMaxDrainBytes = 1 << 20;
constexpr Milliseconds kDrainTime{2'000};

HttpFault HeadTooLarge(std::string_view head, uint32_t limit_bytes) {
  if (head.find('\n') == head.npos) {
    return {414, fmt::format("the request line is larger than the limit of {} bytes", limit_bytes),
            "send long values in the body"};
  }
  return {431,
          fmt::format("the head of the request is larger than the limit of {} bytes", limit_bytes),
          "send fewer or shorter headers"};
}

HttpFault BadVersion(std::string_view head) {
  const std::string_view line = head.substr(0, head.find('\r'));
  if (line.find(" HTTP/") == line.npos) {
    return {400, "the request line is malformed", "METHOD /path HTTP/1.1"};
  }
  return {505, "this server does not speak the HTTP version of the request", "use HTTP/1.1"};
}

HttpFault TooSlow(std::string_view what, Milliseconds limit) {
  return {408, fmt::format("{} did not arrive within {} ms", what, limit.count()),
          "repeat the request over a faster connection"};
}

class BeastReader final : public RequestReader {
 public:
  using Head = std::variant<HttpRequest, HttpFault, Gone>;
  using Body = std::variant<Piece, HttpFault, Gone>;

  BeastReader(Tcp::socket& socket, const HttpServerOptions& options)
      : socket_(socket),
        options_(options),
        deadline_(socket),
        buffer_(std::max<size_t>(kPieceBytes, options.max_header_bytes) + kMaxReadAhead) {}

  Awaitable<Head> ReadHead() override {
    if (buffer_.size() == 0) {
      const bool come = co_await WaitForFirstByte();
      if (!come) co_return Gone{};
    }
    first_ = false;
    parser_.emplace();
    parser_->header_limit(options_.max_header_bytes);
    parser_->body_limit(boost::none);  // checked here, where the head is known
    body_bytes_ = 0;
    deadline_.Set(options_.header_timeout);
    auto [error, size] = co_await http::async_read_header(socket_, buffer_, *parser_, kAsTuple);
    const bool late = deadline_.passed();
    deadline_.Clear();
    if (error && late) co_return TooSlow("the head of the request", options_.header_timeout);
    if (error) co_return HeadTrouble(error);
    co_return TakeHead();
  }

  Awaitable<Body> ReadBody() override {
    buffer_.reserve(kPieceBytes);
    piece_.resize(kPieceBytes);
    auto& body = parser_->get().body();
    body.data = piece_.data();
    body.size = piece_.size();
    body.more = true;
    deadline_.Set(options_.body_idle_timeout);
    auto [error, size] = co_await http::async_read_some(socket_, buffer_, *parser_, kAsTuple);
    const bool late = deadline_.passed();
    deadline_.Clear();
    if (error == http::error::need_buffer) error = {};
    if (error && late) co_return TooSlow("more of the body", options_.body_idle_timeout);
    if (error) co_return BodyTrouble(error);
    co_return TakePiece(piece_.size() - body.size);
  }

  bool HasBuffered() const override { return buffer_.size() > 0; }
  bool IsAtEnd() const override { return parser_ && parser_->is_done(); }
  bool CanGoOn() const override { return IsAtEnd() && parser_->keep_alive(); }

  Awaitable<void> WatchForHangUp() override {
    while (buffer_.size() < kMaxReadAhead) {
      auto [error, size] = co_await socket_.async_read_some(buffer_.prepare(1 << 10), kAsTuple);
      if (error) co_return;
      // The rest of a body that was refused is no next request.
      if (IsAtEnd()) buffer_.commit(size);
    }
  }

  Awaitable<void> Drain() override {
    error_code ignored;
    socket_.shutdown(Tcp::socket::shutdown_send, ignored);
    buffer_.clear();
    deadline_.Set(kDrainTime);
    size_t drained = 0;
    while (drained < kMaxDrainBytes) {
      auto [error, size] = co_await socket_.async_read_some(buffer_.prepare(kPieceBytes), kAsTuple);
      if (error) break;
      drained += size;
    }
    deadline_.Clear();
  }

 private:
  // Without a buffer: an idle connection holds as little memory as it can.
  Awaitable<bool> WaitForFirstByte() {
    buffer_.shrink_to_fit();
    piece_ = {};
    parser_.reset();
    deadline_.Set(first_ ? options_.header_timeout : options_.keep_alive_timeout);
    auto [error] = co_await socket_.async_wait(Tcp::socket::wait_read, kAsTuple);
    deadline_.Clear();
    co_return !error;
  }

  std::string_view Buffered() const {
    return {static_cast<const char*>(buffer_.data().data()), buffer_.size()};
  }

  Head HeadTrouble(const error_code& error) const {
    if (error == http::error::header_limit || error == http::error::buffer_overflow) {
      return HeadTooLarge(Buffered(), options_.max_header_bytes);
    }
    if (error == http::error::bad_version) return BadVersion(Buffered());
    if (error.category() != http::make_error_code(http::error::bad_value).category() ||
        error == http::error::end_of_stream) {
      return Gone{};
    }
    return HttpFault{400, "the head of the request is malformed: " + error.message(),
                     "send a request of HTTP/1.1 (RFC 9112)"};
  }

  Body BodyTrouble(const error_code& error) const {
    if (error == http::error::partial_message || error == http::error::end_of_stream ||
        error.category() != http::make_error_code(http::error::bad_value).category()) {
      return Gone{};
    }
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
    auto checked = CheckHead(std::move(head));
    if (auto* fault = std::get_if<HttpFault>(&checked)) return std::move(*fault);
    auto& request = std::get<HttpRequest>(checked);
    if (request.content_length.value_or(0) > options_.max_body_bytes) return BodyTooLarge();
    return std::move(request);
  }

  Body TakePiece(size_t size) {
    body_bytes_ += size;
    if (body_bytes_ > options_.max_body_bytes) return BodyTooLarge();
    return Piece{std::string_view(piece_).substr(0, size),
                 parser_->is_done() ? Piece::Then::kDone : Piece::Then::kMore};
  }

  Tcp::socket& socket_;
  const HttpServerOptions& options_;
  Deadline deadline_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::buffer_body>> parser_;
  bool first_ = true;
  std::string piece_;
  uint64_t body_bytes_ = 0;
};

}  // namespace

std::unique_ptr<RequestReader> NewRequestReader(Tcp::socket& socket,
                                                const HttpServerOptions& options) {
  return std::make_unique<BeastReader>(socket, options);
}

}  // namespace gnosis
