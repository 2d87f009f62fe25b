// Answers that lie in memory because their readers are slow, and what they may hold together.
//
// The life of a slow reader here: it comes in when a part of its answer did not fit into the
// socket, says how much memory that holds and what the client took, and leaves when all is sent.
// Above the limit the slowest is given up, by what it took of late: one that has stopped, or takes
// a byte now and then, goes before one that reads on. The only one is never given up for this.
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

    // What is held from now on; 0: nothing. May give up others, or this one.
    void Hold(uint64_t bytes, TimePoint now);
    void Took(uint64_t bytes, TimePoint now);

   private:
    friend class UnsentAnswers;
    double TakenOfLate(TimePoint now) const;

    UnsentAnswers& answers_;
    const std::function<void()> give_up_;
    uint64_t held_bytes_ = 0;
    std::list<SlowReader*>::iterator place_;  // valid while something is held
    double taken_ = 0;                        // bytes, each worth less as time goes by
    TimePoint taken_at_{};
  };

  uint64_t held_bytes() const { return held_bytes_; }

 private:
  void GiveUpSlowest(TimePoint now);

  const uint64_t max_bytes_;
  uint64_t held_bytes_ = 0;
  std::list<SlowReader*> readers_;  // that hold something
};

}  // namespace gnosis
