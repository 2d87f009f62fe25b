// What event streams say, kept for a moment for the other streams of the same job: of many
// listeners only the first one has its words made.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "session/keys.h"

namespace gnosis {

class SharedNews {
 public:
  // From what listeners were told to what is true. Leases that expire change what is shown without
  // a new revision, hence the number of pages that were told to be in work.
  struct Step {
    SessionKey session;
    int epoch = 0;
    int64_t from_revision = 0;
    int told_processing = 0;
    int64_t to_revision = 0;
    bool operator==(const Step&) const = default;
  };

  // nullptr: nobody has said it yet.
  std::shared_ptr<const std::string> Find(const Step& step) {
    std::lock_guard lock(mutex_);
    const auto found = last_.find(step.session);
    return found != last_.end() && found->second.step == step ? found->second.text : nullptr;
  }
  // One step a session is kept, the newest.
  void Keep(const Step& step, std::shared_ptr<const std::string> text) {
    std::lock_guard lock(mutex_);
    if (last_.size() >= kMaxSessions) last_.clear();
    last_[step.session] = {step, std::move(text)};
  }

 private:
  static constexpr size_t kMaxSessions = 1000;
  struct Last {
    Step step;
    std::shared_ptr<const std::string> text;
  };
  std::mutex mutex_;
  std::map<SessionKey, Last> last_;
};

}  // namespace gnosis
