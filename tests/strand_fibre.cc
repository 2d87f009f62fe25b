#include <ucontext.h>

#include <cstdint>
#include <memory>
#include <utility>

#include "base/result.h"
#include "strand.h"

namespace gnosis {
namespace {

constexpr size_t kStackBytes = 256 << 10;

}  // namespace

struct Strand::State {
  std::function<void()> life;
  std::unique_ptr<char[]> stack = std::make_unique_for_overwrite<char[]>(kStackBytes);
  ucontext_t strand{};
  ucontext_t world{};
  bool ended = false;

  // makecontext hands over nothing wider than an int.
  static void Live(uint32_t high, uint32_t low) {
    auto* state = reinterpret_cast<State*>((uintptr_t{high} << 32) | low);
    state->life();
    state->ended = true;  // and on with `world`, which is its uc_link
  }
};

Strand::Strand(std::function<void()> life) : state_(std::make_unique<State>()) {
  state_->life = std::move(life);
  ::getcontext(&state_->strand);
  state_->strand.uc_stack.ss_sp = state_->stack.get();
  state_->strand.uc_stack.ss_size = kStackBytes;
  state_->strand.uc_link = &state_->world;
  const auto address = reinterpret_cast<uintptr_t>(state_.get());
  ::makecontext(&state_->strand, reinterpret_cast<void (*)()>(&State::Live), 2,
                uint32_t(address >> 32), uint32_t(address));
}

Strand::~Strand() { GNOSIS_CHECK(state_->ended); }

void Strand::Step() { ::swapcontext(&state_->world, &state_->strand); }

void Strand::Yield() { ::swapcontext(&state_->strand, &state_->world); }

bool Strand::ended() const { return state_->ended; }

}  // namespace gnosis
