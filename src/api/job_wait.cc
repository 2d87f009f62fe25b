#include "api/job_wait.h"

#include <mutex>
#include <utility>

namespace gnosis {

struct BellState {
  std::mutex mutex;
  bool rang = false;  // while nobody was attached
  Wake wake;

  void Ring() {
    std::lock_guard lock(mutex);
    if (wake) {
      wake();
    } else {
      rang = true;
    }
  }
  void Attach(Wake new_wake) {
    std::lock_guard lock(mutex);
    wake = std::move(new_wake);
    if (std::exchange(rang, false)) wake();
  }
  void Detach() {
    std::lock_guard lock(mutex);
    wake = nullptr;
  }
};

namespace {

class Attached final : public Subscription {
 public:
  explicit Attached(std::shared_ptr<BellState> state) : state_(std::move(state)) {}
  ~Attached() override { state_->Detach(); }

 private:
  std::shared_ptr<BellState> state_;
};

std::unique_ptr<Subscription> AttachTo(const std::shared_ptr<BellState>& state, Wake wake) {
  auto attached = std::make_unique<Attached>(state);
  state->Attach(std::move(wake));
  return attached;
}

}  // namespace

Bell::Bell() : state_(std::make_shared<BellState>()) {}

void Bell::Ring() const { state_->Ring(); }

std::unique_ptr<Subscription> Bell::Attach(Wake wake) const {
  return AttachTo(state_, std::move(wake));
}

Subscribe Bell::subscribe() const {
  return [state = state_](Wake wake) { return AttachTo(state, std::move(wake)); };
}

JobBell::JobBell(SessionBook& book, const SessionKey& session)
    : watch_(book.Watch(session, [bell = bell_] { bell.Ring(); })) {}

std::unique_ptr<Subscription> JobBell::Attach(Wake wake) const {
  return bell_.Attach(std::move(wake));
}

Subscribe JobBell::subscribe() const { return bell_.subscribe(); }

JobWait::JobWait(const ApiCore& core, const SessionKey& session, Seconds at_most)
    : bell_(core.world.actions.book, session),
      clock_(core.world.actions.clock),
      deadline_(clock_.Now() + at_most) {}

std::optional<WaitFor> JobWait::NotYet() const {
  const Milliseconds left = deadline_ - clock_.Now();
  if (left <= Milliseconds{0}) return std::nullopt;
  return WaitFor{bell_.subscribe(), left};
}

}  // namespace gnosis
