// Answers held in memory because their readers are slow, and how much they may hold in total.
//
// The life of a slow reader here: it is added when a part of its answer did not fit into the
// socket, reports how much memory that holds and how much the client took, and is removed when
// everything is sent. Above the limit the one that recently took the least is disconnected: one
// that has stopped, or takes a byte now and then, goes before one that keeps reading. A single
// reader is never disconnected for this.
//
// All on the event loop.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <list>

namespace gnosis {

class UnsentAnswers {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  explicit UnsentAnswers(uint64_t max_bytes) : max_bytes_(max_bytes) {}
  UnsentAnswers(const UnsentAnswers&) = delete;
  UnsentAnswers& operator=(const UnsentAnswers&) = delete;

  class SlowReader {
   public:
    // `give_up` closes the connection; called at most once. The answers must outlive this.
    SlowReader(UnsentAnswers& answers, std::function<void()> give_up)
        : answers_(answers), give_up_(std::move(give_up)) {}
    ~SlowReader() { Hold(0, {}); }
    SlowReader(const SlowReader&) = delete;
    SlowReader& operator=(const SlowReader&) = delete;

    // The bytes held from now on. May disconnect others, or this one.
    void Hold(uint64_t bytes, TimePoint now);
    void Took(uint64_t bytes, TimePoint now);

   private:
    friend class UnsentAnswers;
    double TakenOfLate(TimePoint now) const;

    UnsentAnswers& answers_;
    const std::function<void()> give_up_;
    uint64_t held_bytes_ = 0;
    std::list<SlowReader*>::iterator place_;  // valid while something is held
    double taken_ = 0;                        // bytes, each counting less as time passes
    TimePoint taken_at_{};
  };

  uint64_t held_bytes() const { return held_bytes_; }

 private:
  void GiveUpSlowest(TimePoint now);

  const uint64_t max_bytes_;
  uint64_t held_bytes_ = 0;
  std::list<SlowReader*> readers_;  // those that hold bytes
};

}  // namespace gnosis
