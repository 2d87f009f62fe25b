// Sends a client the bytes of an answer as fast as it takes them.
//
// The life of an answer here: Begin; then pieces, each made when there is room for it, so that a
// slow client holds a socket and not a piece in memory; bytes that did not fit after all are
// counted (unsent_answers.h) and kept until there is room. A client that takes nothing for
// `body_idle_timeout`, or less than `min_answer_bytes_per_second`, is disconnected: the connection
// is reset, which also frees what the kernel holds for it.
#pragma once

#include <boost/system/error_code.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "net/http_loop.h"
#include "net/http_server.h"
#include "net/pace.h"
#include "net/unsent_answers.h"

namespace gnosis {

enum class Sent { kAll, kFailed };  // kFailed: the client has gone, or was disconnected

// All on the event loop; the socket does not block.
class AnswerWriter {
 public:
  AnswerWriter(Tcp::socket& socket, const HttpServerOptions& options, UnsentAnswers& answers,
               std::function<void()> give_up);

  // The start of an answer, or of more from a live one that had nothing to send: the time before
  // that is not the client's fault.
  void Begin() { pace_.Restart(); }

  // Waits until the socket takes a piece.
  Awaitable<Sent> WaitForRoom();
  // Sends what fits at once, maybe zero bytes; returns nothing if the client has gone.
  std::optional<size_t> TakeNow(std::string_view bytes);
  // Sends all of it, which stays in memory until then.
  Awaitable<Sent> Write(std::string_view bytes, uint64_t held_bytes);
  // The client sees an error, not the end of an answer.
  void ResetOnClose();

 private:
  struct Wait {
    std::chrono::steady_clock::time_point begun;
    int queued_bytes = 0;  // held by the kernel
  };
  Wait BeginWait();
  Sent EndWait(const Wait& wait, const boost::system::error_code& error);  // kAll: continue
  Awaitable<Sent> WriteSlowly(std::string_view bytes);
  bool HasRoom();
  int QueuedBytes();
  void Moved(size_t bytes);

  Tcp::socket& socket_;
  Deadline deadline_;
  Pace pace_;
  UnsentAnswers::SlowReader reader_;
};

}  // namespace gnosis
