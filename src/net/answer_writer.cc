#include "net/answer_writer.h"

#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <climits>
#include <utility>

namespace gnosis {
namespace {

using boost::system::error_code;
using SteadyClock = std::chrono::steady_clock;

constexpr size_t kWriteBytes = 256 << 10;
// How much of each connection may wait in the kernel to be sent; bytes in flight are not counted,
// so that distant clients stay as fast as ever. Without this limit the kernel takes megabytes of an
// answer for a client that reads nothing, and progress by a slow client shows here only much later.
// With a lower one a busy machine would leave the wire idle between two pieces.
constexpr int kUnsentInKernel = 256 << 10;

}  // namespace

AnswerWriter::AnswerWriter(Tcp::socket& socket, const HttpServerOptions& options,
                           UnsentAnswers& answers, std::function<void()> give_up)
    : socket_(socket),
      deadline_(socket),
      pace_(options.body_idle_timeout, options.min_answer_bytes_per_second),
      reader_(answers, std::move(give_up)) {
  // Where the option is not supported answers are the same, but the kernel holds more.
  (void)::setsockopt(socket_.native_handle(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &kUnsentInKernel,
                     sizeof kUnsentInKernel);
}

Awaitable<Sent> AnswerWriter::WaitForRoom() {
  while (!HasRoom()) {
    const Wait wait = BeginWait();
    auto [error] = co_await socket_.async_wait(Tcp::socket::wait_write, kAsTuple);
    if (EndWait(wait, error) == Sent::kFailed) co_return Sent::kFailed;
    if (!error) break;
  }
  co_return Sent::kAll;
}

std::optional<size_t> AnswerWriter::TakeNow(std::string_view bytes) {
  size_t taken = 0;
  error_code error;
  while (!error && taken < bytes.size()) {
    taken += socket_.write_some(asio::buffer(bytes.data() + taken, bytes.size() - taken), error);
  }
  Moved(taken);
  if (error && error != asio::error::would_block) return std::nullopt;
  return taken;
}

Awaitable<Sent> AnswerWriter::Write(std::string_view bytes, uint64_t held_bytes) {
  const auto taken = TakeNow(bytes);
  if (!taken) co_return Sent::kFailed;
  bytes.remove_prefix(*taken);
  if (bytes.empty()) co_return Sent::kAll;
  reader_.Hold(held_bytes, SteadyClock::now());
  const Sent sent = co_await WriteSlowly(bytes);
  reader_.Hold(0, SteadyClock::now());
  co_return sent;
}

Awaitable<Sent> AnswerWriter::WriteSlowly(std::string_view bytes) {
  while (!bytes.empty()) {
    const Wait wait = BeginWait();
    const auto some = asio::buffer(bytes.data(), std::min(bytes.size(), kWriteBytes));
    auto [error, size] = co_await socket_.async_write_some(some, kAsTuple);
    if (EndWait(wait, error) == Sent::kFailed) co_return Sent::kFailed;
    Moved(size);
    bytes.remove_prefix(size);
  }
  co_return Sent::kAll;
}

void AnswerWriter::ResetOnClose() {
  error_code ignored;
  socket_.set_option(asio::socket_base::linger(true, 0), ignored);
}

AnswerWriter::Wait AnswerWriter::BeginWait() {
  deadline_.Set(pace_.Patience());
  return {SteadyClock::now(), QueuedBytes()};
}

// A client with large buffers of its own, or in the kernel, reads for a while before there is room
// here: it is not idle.
Sent AnswerWriter::EndWait(const Wait& wait, const error_code& error) {
  const bool late = deadline_.passed();
  deadline_.Clear();
  pace_.Waited(SteadyClock::now() - wait.begun);
  if (!error) return Sent::kAll;
  if (!late) return Sent::kFailed;
  if (pace_.Patience() > Milliseconds{0} && QueuedBytes() < wait.queued_bytes) return Sent::kAll;
  ResetOnClose();
  return Sent::kFailed;
}

bool AnswerWriter::HasRoom() {
  pollfd one{socket_.native_handle(), POLLOUT, 0};
  return ::poll(&one, 1, 0) > 0;
}

int AnswerWriter::QueuedBytes() {
  int bytes = 0;
  return ::ioctl(socket_.native_handle(), SIOCOUTQ, &bytes) == 0 ? bytes : INT_MAX;
}

void AnswerWriter::Moved(size_t bytes) {
  pace_.Moved(bytes);
  reader_.Took(bytes, SteadyClock::now());
}

}  // namespace gnosis
