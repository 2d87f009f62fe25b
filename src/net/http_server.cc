#include "net/http_server.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>

#include "base/log.h"
#include "net/http_connection.h"

namespace gnosis {
namespace {

using boost::system::error_code;

// Above a limit this many connections at a time get a response; others are just closed.
constexpr size_t kMaxTurnedAway = 64;
constexpr Milliseconds kPauseWhenOutOfSockets{100};

// Lets Stop wait for the loop's last connection.
class Emptiness {
 public:
  void Reached() {
    std::lock_guard lock(mutex_);
    reached_ = true;
    changed_.notify_all();
  }
  bool WaitFor(Milliseconds time) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, time, [&] { return reached_; });
  }
  void Wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return reached_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool reached_ = false;
};

class AsioServer final : public HttpServer {
 public:
  AsioServer(const HttpServerOptions& options, HttpHandler& handler)
      : options_(options),
        pool_(size_t(std::max(1, options.blocking_threads))),
        body_pool_(size_t(std::max(1, options.body_threads))),
        acceptor_(loop_),
        pause_(loop_),
        world_{pool_, body_pool_, handler, options_} {}
  ~AsioServer() override { Stop(Milliseconds{0}); }

  Status Listen() {
    error_code error;
    const auto found = Tcp::resolver(loop_).resolve(options_.host, fmt::to_string(options_.port),
                                                    Tcp::resolver::passive, error);
    if (error) return CannotListen(error);
    // "localhost" has two addresses; every client can reach the IPv4 one.
    const auto v4 = std::find_if(found.begin(), found.end(), [](const auto& entry) {
      return entry.endpoint().address().is_v4();
    });
    const Tcp::endpoint endpoint = (v4 != found.end() ? v4 : found.begin())->endpoint();
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(Tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(Tcp::acceptor::max_listen_connections, error);
    if (error) return CannotListen(error);
    port_ = acceptor_.local_endpoint(error).port();
    return Ok();
  }

  void Run() {
    asio::co_spawn(loop_, Accept(), asio::detached);
    thread_ = std::thread([this] { loop_.run(); });
  }

  uint16_t port() const override { return port_; }

  void Stop(Milliseconds grace) override {
    std::call_once(stopped_, [&] {
      if (!thread_.joinable()) return;
      asio::post(loop_, [this] { BeginStop(); });
      if (!empty_.WaitFor(grace)) {
        asio::post(loop_, [this] { CloseAll(); });
        empty_.Wait();
      }
      work_.reset();
      thread_.join();
      pool_.join();
      body_pool_.join();
    });
  }

 private:
  Error CannotListen(const error_code& error) const {
    return {
        ErrorCode::kIo,
        fmt::format("cannot listen on {}:{}: {}", options_.host, options_.port, error.message()),
        "choose another address or port, or stop the program that uses it"};
  }

  Awaitable<void> Accept() {
    while (!world_.stopping) {
      auto [error, socket] = co_await acceptor_.async_accept(kAsTuple);
      if (world_.stopping) break;
      if (!error) {
        Take(std::move(socket));
      } else if (error != asio::error::connection_aborted) {
        Log(LogLevel::kWarning, "cannot accept a connection", {{"reason", error.message()}});
        pause_.expires_after(kPauseWhenOutOfSockets);
        co_await pause_.async_wait(kAsTuple);
      }
    }
  }

  struct Held {
    std::shared_ptr<Connection> connection;
    std::string address;  // as it is counted; "": turned away
  };

  void Take(Tcp::socket socket) {
    const auto gone = [this](Connection* connection) { Forget(connection); };
    Held held{nullptr, AddressGroup(AddressOf(socket))};
    if (auto fault = ReasonToTurnAway(held.address)) {
      if (turned_away_ == kMaxTurnedAway) return;
      ++turned_away_;
      held.address.clear();
      held.connection = TurnAwayConnection(world_, std::move(socket), *std::move(fault), gone);
    } else {
      ++of_address_[held.address];
      held.connection = ServeConnection(world_, std::move(socket), gone);
    }
    Connection* const key = held.connection.get();
    connections_.emplace(key, std::move(held));
  }

  // Idle connections give way to new ones: connections that only wait cannot keep others out.
  std::optional<HttpFault> ReasonToTurnAway(const std::string& address) {
    if (address.empty()) return HttpFault{400, "the client has disconnected", ""};
    const auto of_address = of_address_.find(address);
    if (of_address != of_address_.end() &&
        of_address->second >= options_.max_connections_per_address) {
      return HttpFault{429,
                       fmt::format("more than {} connections from this address are open",
                                   options_.max_connections_per_address),
                       "close some, or raise MAX_CONNECTIONS_PER_ADDRESS"};
    }
    if (connections_.size() - turned_away_ < size_t(options_.max_connections)) return std::nullopt;
    if (!world_.idle.empty()) {
      world_.idle.front()->Close();
      return std::nullopt;
    }
    return HttpFault{503,
                     fmt::format("more than {} connections are open", options_.max_connections),
                     "repeat the request in a moment; the setting is MAX_CONNECTIONS"};
  }

  void Forget(Connection* connection) {
    const auto held = connections_.find(connection);
    const auto of_address = of_address_.find(held->second.address);
    if (of_address == of_address_.end()) {
      --turned_away_;
    } else if (--of_address->second == 0) {
      of_address_.erase(of_address);
    }
    connections_.erase(held);
    if (world_.stopping && connections_.empty()) empty_.Reached();
  }

  void BeginStop() {
    world_.stopping = true;
    error_code ignored;
    acceptor_.close(ignored);
    pause_.cancel();
    for (const auto& [key, held] : connections_) held.connection->Finish();
    if (connections_.empty()) empty_.Reached();
  }

  void CloseAll() {
    for (const auto& [key, held] : connections_) held.connection->Close();
  }

  const HttpServerOptions options_;
  asio::io_context loop_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_{loop_.get_executor()};
  asio::thread_pool pool_;
  asio::thread_pool body_pool_;
  Tcp::acceptor acceptor_;
  asio::steady_timer pause_;
  ConnectionWorld world_;
  uint16_t port_ = 0;
  std::unordered_map<std::string, int> of_address_;
  size_t turned_away_ = 0;
  std::unordered_map<Connection*, Held> connections_;
  Emptiness empty_;
  std::once_flag stopped_;
  std::thread thread_;
};

}  // namespace

Result<std::unique_ptr<HttpServer>> StartHttpServer(const HttpServerOptions& options,
                                                    HttpHandler& handler) {
  try {
    auto server = std::make_unique<AsioServer>(options, handler);
    RETURN_IF_ERROR(server->Listen());
    server->Run();
    return std::unique_ptr<HttpServer>(std::move(server));
  } catch (const std::exception& exception) {  // no more threads or descriptors
    return Error{ErrorCode::kIo, fmt::format("cannot start the server: {}", exception.what()),
                 "raise the limits of processes and open files"};
  }
}

}  // namespace gnosis
