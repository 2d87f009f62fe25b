#include "net/http_connection.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <cerrno>
#include <exception>
#include <optional>
#include <string>

#include "base/log.h"
#include "net/answer_writer.h"
#include "net/http_reader.h"

namespace gnosis {
namespace {

using boost::system::error_code;

constexpr size_t kOneWriteBytes = 64 << 10;
constexpr size_t kFilePieceBytes = 128 << 10;

// The handler's side of one request; created and destroyed on the pool. Members are destroyed from
// last to first, so that the bell is never rung for a body that is gone.
struct Conversation {
  asio::thread_pool& pool;
  std::unique_ptr<Exchange> exchange;
  Answer answer;
  std::unique_ptr<Subscription> subscription;

  // The first OnBody has no bytes: it is the chance to reject a body before it is sent.
  Status Start(HttpHandler& handler, HttpRequest request) {
    const bool has_body = request.has_body;
    exchange = handler.Start(std::move(request));
    return has_body ? exchange->OnBody("") : Ok();
  }
  void End(Exchange::Why why) {
    subscription.reset();
    answer = exchange->End(why);
  }
  // Called once there is a response: a client that takes it slowly should not hold the request as
  // well.
  void LetExchangeGo() { PoolPointer<Exchange>(exchange.release(), {&pool}).reset(); }
  HttpResponse& response() { return std::get<HttpResponse>(answer); }
  LiveBody& live() { return *std::get<std::unique_ptr<LiveBody>>(response().body); }
};

// At most this many bytes; none: the end of the file, or it cannot be read.
std::string ReadAt(const FileDescriptor& file, size_t size, uint64_t offset) {
  std::string bytes(size, '\0');
  while (true) {
    const ssize_t got = ::pread(file.get(), bytes.data(), size, off_t(offset));
    if (got < 0 && errno == EINTR) continue;
    bytes.resize(size_t(std::max<ssize_t>(got, 0)));
    return bytes;
  }
}

class ClientConnection final : public Connection {
 public:
  ClientConnection(ConnectionWorld& world, Tcp::socket socket)
      : world_(world),
        socket_(std::move(socket)),
        remote_address_(AddressOf(socket_)),
        reader_(NewRequestReader(socket_, world.options)),
        writer_(socket_, world.options, world.unsent, [this] { GiveUp(); }),
        bell_(std::make_shared<LoopBell>(socket_.get_executor())) {
    error_code ignored;
    local_port_ = socket_.local_endpoint(ignored).port();
    socket_.set_option(Tcp::no_delay(true), ignored);
  }

  ~ClientConnection() override { LeaveIdle(); }

  void Finish() override {
    if (idle_place_) Close();
    bell_->RingHere();
  }
  void Close() override {
    LeaveIdle();
    // Only the end of the connection would tell the client that it has everything.
    if (until_close_) writer_.ResetOnClose();
    error_code ignored;
    socket_.close(ignored);
    bell_->RingHere();
  }

  Awaitable<void> Serve() {
    bool again = true;
    while (again && !world_.stopping) {
      idle_place_ = world_.idle.insert(world_.idle.end(), this);
      auto head = co_await reader_->ReadHead();
      LeaveIdle();
      if (std::holds_alternative<Gone>(head)) break;
      if (auto* fault = std::get_if<HttpFault>(&head)) {
        co_await Refuse(std::move(*fault));
        break;
      }
      again = co_await AnswerRequest(std::get<HttpRequest>(std::move(head)));
    }
    Close();
  }

  Awaitable<void> Refuse(HttpFault fault) {
    HttpResponse response = FaultResponse(fault);
    const Framing framing = FramingOf(response, false);
    std::string bytes = WriteHead(response, framing, After::kClose, SystemClock().Now());
    bytes += std::get<std::string>(response.body);
    writer_.Begin();
    if (co_await Write(bytes) == Sent::kAll) co_await reader_->Drain();
  }

 private:
  // Disconnects it in favour of faster clients.
  void GiveUp() {
    Log(LogLevel::kDebug, "a slow client was disconnected: too many responses are waiting",
        {{"address", remote_address_}});
    writer_.ResetOnClose();
    Close();
  }

  void LeaveIdle() {
    if (idle_place_) world_.idle.erase(*idle_place_);
    idle_place_.reset();
  }

  // What sending needs to know about the request.
  struct Wish {
    bool head_only = false;
    bool http_1_0 = false;
  };

  // False: the connection is over.
  Awaitable<bool> AnswerRequest(HttpRequest request) {
    const Wish wish{request.method == "HEAD", request.http_1_0};
    request.remote_address = remote_address_;
    request.local_port = local_port_;
    asio::thread_pool& pool = request.has_body ? world_.body_pool : world_.pool;
    PoolPointer<Conversation> talk(new Conversation{.pool = pool}, {&pool});
    if (request.has_body) {
      const bool answered = co_await HearOut(*talk, std::move(request));
      if (!answered) co_return false;
    } else if (world_.handler.IsQuick(request)) {
      (void)talk->Start(world_.handler, std::move(request));
      talk->End(Exchange::Why::kBodyDone);
    } else {
      // In one step: most requests are like this, and each round trip to the pool costs two thread
      // wake-ups.
      co_await OnPool(pool, [&] {
        (void)talk->Start(world_.handler, std::move(request));
        talk->End(Exchange::Why::kBodyDone);
      });
    }
    if (!co_await Settle(*talk)) co_return false;
    co_return co_await Send(*talk, wish);
  }

  // A request with a body. False: there is no answer to send, the connection is over.
  Awaitable<bool> HearOut(Conversation& talk, HttpRequest request) {
    const bool expects_continue = ExpectsContinue(request);
    Status started;
    co_await OnPool(talk.pool, [&] { started = talk.Start(world_.handler, std::move(request)); });
    auto why = Exchange::Why::kBodyFailed;
    if (started.ok()) {
      auto taken = co_await TakeBody(talk, expects_continue);
      if (!std::holds_alternative<Exchange::Why>(taken)) {
        co_await End(talk, Exchange::Why::kBodyFailed);
        if (auto* fault = std::get_if<HttpFault>(&taken)) co_await Refuse(std::move(*fault));
        co_return false;
      }
      why = std::get<Exchange::Why>(taken);
    }
    co_await End(talk, why);
    co_return true;
  }

  // The next piece is read when the handler has taken the last one.
  Awaitable<std::variant<Exchange::Why, HttpFault, Gone>> TakeBody(Conversation& talk,
                                                                   bool expects_continue) {
    if (expects_continue && !reader_->HasBuffered()) {
      const Sent sent = co_await Write("HTTP/1.1 100 Continue\r\n\r\n");
      if (sent == Sent::kFailed) co_return Gone{};
    }
    while (true) {
      auto read = co_await reader_->ReadBody();
      if (std::holds_alternative<Gone>(read)) co_return Gone{};
      if (auto* fault = std::get_if<HttpFault>(&read)) co_return std::move(*fault);
      const Piece piece = std::get<Piece>(read);
      if (!piece.bytes.empty()) {
        Status taken;
        co_await OnPool(talk.pool, [&] { taken = talk.exchange->OnBody(piece.bytes); });
        if (!taken.ok()) co_return Exchange::Why::kBodyFailed;
      }
      if (piece.then == Piece::Then::kDone) co_return Exchange::Why::kBodyDone;
    }
  }

  Awaitable<void> End(Conversation& talk, Exchange::Why why) {
    co_await OnPool(talk.pool, [&] { talk.End(why); });
  }

  // Waits until the answer is a response. False: the client has hung up meanwhile.
  Awaitable<bool> Settle(Conversation& talk) {
    bool asked_at_stop = false;
    while (auto* wait = std::get_if<WaitFor>(&talk.answer)) {
      if (asked_at_stop) {
        talk.answer = FaultResponse({503, "the server is stopping", "repeat the request later"});
        break;
      }
      co_await OnPool(talk.pool, [&] { talk.subscription = wait->subscribe(MakeWake()); });
      const Heard heard = co_await Listen(wait->timeout);
      if (heard == Heard::kHangUp) co_return false;
      asked_at_stop = world_.stopping;
      const bool woken = heard == Heard::kRing && !asked_at_stop;
      co_await End(talk, woken ? Exchange::Why::kWoken : Exchange::Why::kTimeout);
    }
    co_return true;
  }

  // False: the connection is over.
  Awaitable<bool> Send(Conversation& talk, Wish wish) {
    const Framing framing = FramingOf(talk.response(), wish.http_1_0);
    const bool keep =
        !world_.stopping && reader_->CanGoOn() && framing.kind != Framing::Kind::kUntilClose;
    std::string head = WriteHead(talk.response(), framing, keep ? After::kKeepAlive : After::kClose,
                                 SystemClock().Now());
    Sent sent = Sent::kFailed;
    writer_.Begin();
    if (wish.head_only || framing.kind == Framing::Kind::kNoBody) {
      sent = co_await Write(head);
    } else {
      until_close_ = framing.kind == Framing::Kind::kUntilClose;
      sent = co_await SendWithBody(talk, std::move(head), framing);
    }
    if (sent == Sent::kFailed) co_return false;
    until_close_ = false;
    if (!reader_->IsAtEnd()) co_await reader_->Drain();
    co_return keep;
  }

  Awaitable<Sent> SendWithBody(Conversation& talk, std::string head, Framing framing) {
    const auto& body = talk.response().body;
    if (std::holds_alternative<std::string>(body) || std::holds_alternative<SharedBytes>(body)) {
      co_return co_await SendText(talk, std::move(head));
    }
    const Sent sent = co_await Write(head);
    if (sent == Sent::kFailed) co_return sent;
    talk.LetExchangeGo();
    if (const auto* file = std::get_if<FileBody>(&body))
      co_return co_await SendFile(talk.pool, *file);
    co_return co_await SendLive(talk, framing);
  }

  Awaitable<Sent> SendText(Conversation& talk, std::string head) {
    auto& body = talk.response().body;
    // Released as soon as it is sent or abandoned: the pool, where the rest is destroyed, may be
    // busy for a long time.
    std::string own;
    if (auto* made = std::get_if<std::string>(&body)) own = std::move(*made);
    const auto* shared = std::get_if<SharedBytes>(&body);
    const std::string_view text = shared ? shared->bytes : std::string_view(own);
    const bool together = text.size() <= kOneWriteBytes;
    if (together) head += text;
    const uint64_t held_bytes = head.capacity() + own.capacity();
    const Sent sent = co_await SendPart(talk, head, held_bytes);
    if (sent == Sent::kFailed || together) co_return sent;
    co_return co_await SendPart(talk, text, held_bytes);
  }

  Awaitable<Sent> SendPart(Conversation& talk, std::string_view bytes, uint64_t held_bytes) {
    const auto taken = writer_.TakeNow(bytes);
    if (!taken) co_return Sent::kFailed;
    bytes.remove_prefix(*taken);
    if (bytes.empty()) co_return Sent::kAll;
    talk.LetExchangeGo();
    co_return co_await writer_.Write(bytes, held_bytes);
  }

  // Bytes that the socket does not take are read again when there is room.
  Awaitable<Sent> SendFile(asio::thread_pool& pool, const FileBody& file) {
    uint64_t sent = 0;
    while (sent < file.size_bytes) {
      if (co_await writer_.WaitForRoom() == Sent::kFailed) co_return Sent::kFailed;
      const size_t wanted = std::min<uint64_t>(kFilePieceBytes, file.size_bytes - sent);
      std::string piece;  // made on the pool: connections that wait for their turn hold none
      co_await OnPool(pool, [&] { piece = ReadAt(*file.file, wanted, file.offset + sent); });
      if (piece.empty()) {
        Log(LogLevel::kError, "a file is shorter than its response, or cannot be read");
        co_return Sent::kFailed;
      }
      const auto taken = writer_.TakeNow(piece);
      if (!taken) co_return Sent::kFailed;
      sent += *taken;
      if (*taken > 0) continue;
      // There was no room after all: wait with the piece in hand, or this would loop.
      if (co_await Write(piece) == Sent::kFailed) co_return Sent::kFailed;
      sent += piece.size();
    }
    co_return Sent::kAll;
  }

  // A piece is made when there is room for it. When the server stops, a body is asked until it has
  // nothing more immediately: one that merely comes in pieces is still completed, one that waits
  // for events ends here.
  Awaitable<Sent> SendLive(Conversation& talk, Framing framing) {
    LiveBody& live = talk.live();
    co_await OnPool(talk.pool, [&] { talk.subscription = live.OnChange(MakeWake()); });
    while (true) {
      if (co_await writer_.WaitForRoom() == Sent::kFailed) co_return Sent::kFailed;
      std::string piece;
      auto then = LiveBody::Then::kMore;
      co_await OnPool(talk.pool, [&] { then = live.Next(piece); });
      if (co_await WritePiece(std::move(piece), framing) == Sent::kFailed) co_return Sent::kFailed;
      if (then == LiveBody::Then::kAtOnce) continue;
      if (then == LiveBody::Then::kCut) co_return Sent::kFailed;
      if (then == LiveBody::Then::kEnd || (world_.stopping && !bell_->rung())) break;
      if (co_await Listen(live.heartbeat) == Heard::kHangUp) co_return Sent::kFailed;
      writer_.Begin();
    }
    if (framing.kind != Framing::Kind::kChunked) co_return Sent::kAll;
    co_return co_await Write("0\r\n\r\n");
  }

  Awaitable<Sent> WritePiece(std::string piece, Framing framing) {
    if (!piece.empty() && framing.kind == Framing::Kind::kChunked) {
      piece.insert(0, fmt::format("{:x}\r\n", piece.size()));
      piece += "\r\n";
    }
    co_return co_await writer_.Write(piece, piece.capacity());
  }

  Awaitable<Sent> Write(std::string_view bytes) {
    co_return co_await writer_.Write(bytes, bytes.size());
  }

  // Weak: keeping the wake for too long must not keep the connection alive.
  Wake MakeWake() const {
    return [weak = std::weak_ptr(bell_)] {
      if (const auto bell = weak.lock()) bell->Ring();
    };
  }

  enum class Heard { kRing, kNothing, kHangUp };
  Awaitable<Heard> Listen(Milliseconds at_most) {
    using namespace asio::experimental::awaitable_operators;
    const auto first = co_await (bell_->Wait(at_most) || reader_->WatchForHangUp());
    if (first.index() == 1) co_return Heard::kHangUp;
    co_return std::get<0>(first) == LoopBell::Heard::kRing ? Heard::kRing : Heard::kNothing;
  }

  ConnectionWorld& world_;
  Tcp::socket socket_;
  const std::string remote_address_;
  const std::unique_ptr<RequestReader> reader_;
  AnswerWriter writer_;
  bool until_close_ = false;  // an answer in progress ends with the connection
  const std::shared_ptr<LoopBell> bell_;
  uint16_t local_port_ = 0;
  std::optional<std::list<Connection*>::iterator> idle_place_;
};

using WhenGone = std::function<void(Connection*)>;

void Spawn(const std::shared_ptr<ClientConnection>& connection, Awaitable<void> work,
           const asio::any_io_executor& loop, const WhenGone& gone) {
  asio::co_spawn(loop, std::move(work), [connection, gone](const std::exception_ptr& thrown) {
    if (thrown) {
      try {
        std::rethrow_exception(thrown);
      } catch (const std::exception& exception) {
        Log(LogLevel::kError, "a connection failed", {{"reason", exception.what()}});
      }
    }
    gone(connection.get());
  });
}

}  // namespace

std::string AddressOf(const Tcp::socket& socket) {
  error_code error;
  const auto endpoint = socket.remote_endpoint(error);
  return error ? std::string() : endpoint.address().to_string();
}

std::shared_ptr<Connection> ServeConnection(ConnectionWorld& world, Tcp::socket socket,
                                            const WhenGone& gone) {
  const auto loop = socket.get_executor();
  auto connection = std::make_shared<ClientConnection>(world, std::move(socket));
  Spawn(connection, connection->Serve(), loop, gone);
  return connection;
}

std::shared_ptr<Connection> TurnAwayConnection(ConnectionWorld& world, Tcp::socket socket,
                                               HttpFault fault, const WhenGone& gone) {
  const auto loop = socket.get_executor();
  auto connection = std::make_shared<ClientConnection>(world, std::move(socket));
  Spawn(connection, connection->Refuse(std::move(fault)), loop, gone);
  return connection;
}

}  // namespace gnosis
