#include <semaphore>
#include <thread>
#include <utility>

#include "strand.h"

namespace gnosis {

struct Strand::State {
  std::binary_semaphore to_strand{0};
  std::binary_semaphore to_world{0};
  bool ended = false;
  std::thread thread;
};

Strand::Strand(std::function<void()> life) : state_(std::make_unique<State>()) {
  state_->thread = std::thread([&state = *state_, life = std::move(life)] {
    state.to_strand.acquire();
    life();
    state.ended = true;
    state.to_world.release();
  });
}

Strand::~Strand() { state_->thread.join(); }

void Strand::Step() {
  state_->to_strand.release();
  state_->to_world.acquire();
}

void Strand::Yield() {
  state_->to_world.release();
  state_->to_strand.acquire();
}

bool Strand::ended() const { return state_->ended; }

}  // namespace gnosis
