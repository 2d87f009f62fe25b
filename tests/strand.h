// One of several lives in a simulation, of which one at a time runs: the world lets it make a step,
// and at its next Yield it hands the baton back.
//
// A fibre, because a thread's switch is most of what a simulation costs; under a sanitizer, which
// wants to know of every stack, a thread that waits for its turn.
#pragma once

#include <functional>
#include <memory>

namespace gnosis {

class Strand {
 public:
  explicit Strand(std::function<void()> life);
  ~Strand();  // its life must have ended
  Strand(const Strand&) = delete;
  Strand& operator=(const Strand&) = delete;
  void Step();   // from outside: until it yields or ends
  void Yield();  // from inside
  bool ended() const;

 private:
  struct State;
  const std::unique_ptr<State> state_;
};

}  // namespace gnosis
