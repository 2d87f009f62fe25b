// How the coroutines of the event loop wait: for work on the blocking pool, for a bell that other
// threads ring, and for a socket with a time limit. Included only by the server's sources.
//
// Everything here belongs to one event loop with one thread. Objects made by a handler (its
// exchange, subscriptions and body) are called and destroyed on the pool, because a destructor may
// delete files.
//
// No co_await inside ?: in this folder: g++ 12 evaluates both sides.
#pragma once

#include <algorithm>
#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <type_traits>
#include <utility>

#include "base/clock.h"

namespace gnosis {

namespace asio = boost::asio;
using Tcp = asio::ip::tcp;
template <typename T>
using Awaitable = asio::awaitable<T>;
// Failures as values: co_await returns {error_code, ...}.
inline constexpr auto kAsTuple = asio::as_tuple(asio::use_awaitable);
inline constexpr std::chrono::hours kLongestWait{24};

struct DeleteOnPool {
  asio::thread_pool* pool = nullptr;
  template <typename T>
  void operator()(T* object) const {
    asio::post(*pool, [object] { delete object; });
  }
};
template <typename T>
using PoolPointer = std::unique_ptr<T, DeleteOnPool>;

// Runs `work` on the pool and comes back to the loop. Anything `work` refers to must live until
// then; the frame of a coroutine that waits here does.
template <typename Work>
Awaitable<void> OnPool(asio::thread_pool& pool, Work work) {
  auto start = [&pool, &work](auto handler) {
    asio::post(pool, [&work, handler = std::move(handler)]() mutable {
      work();
      auto loop = asio::get_associated_executor(handler);
      asio::post(loop, std::move(handler));
    });
  };
  co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(start, asio::use_awaitable);
}

// Rung from any thread, waited for by one coroutine. Rings before the wait are not lost; several
// count as one.
class LoopBell : public std::enable_shared_from_this<LoopBell> {
 public:
  explicit LoopBell(const asio::any_io_executor& loop) : timer_(loop) {}

  // From any thread.
  void Ring() {
    if (under_way_.exchange(true)) return;
    asio::post(timer_.get_executor(), [bell = shared_from_this()] {
      bell->under_way_ = false;
      bell->RingHere();
    });
  }
  // On the loop.
  void RingHere() {
    rung_ = true;
    timer_.cancel();
  }
  bool rung() const { return rung_; }
  enum class Heard { kRing, kNothing };
  Awaitable<Heard> Wait(Milliseconds at_most) {
    if (!rung_) {
      timer_.expires_after(std::clamp<Milliseconds>(at_most, Milliseconds{0}, kLongestWait));
      co_await timer_.async_wait(kAsTuple);
    }
    co_return std::exchange(rung_, false) ? Heard::kRing : Heard::kNothing;
  }

 private:
  asio::steady_timer timer_;
  std::atomic<bool> under_way_{false};
  bool rung_ = false;
};

// Cancels a socket's operation when time is up.
class Deadline {
 public:
  explicit Deadline(Tcp::socket& socket) : socket_(socket), timer_(socket.get_executor()) {}
  ~Deadline() { Clear(); }
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

  void Set(Milliseconds after) {
    Clear();
    timer_.expires_after(after);
    timer_.async_wait([this, round = *round_, current = round_](const auto&) {
      // Only this round's deadline is alive, and so is what `this` points to.
      if (round != *current) return;
      passed_ = true;
      boost::system::error_code ignored;
      socket_.cancel(ignored);
    });
  }
  void Clear() {
    ++*round_;
    passed_ = false;
    timer_.cancel();
  }
  bool passed() const { return passed_; }

 private:
  Tcp::socket& socket_;
  asio::steady_timer timer_;
  std::shared_ptr<uint64_t> round_ = std::make_shared<uint64_t>(0);
  bool passed_ = false;
};

}  // namespace gnosis
