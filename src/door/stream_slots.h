// Limits how many event streams an owner has open. A slot is taken when a stream begins and
// released by its destructor, however the stream ends.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace gnosis {

class StreamSlots {
 public:
  // Releases its slot when destroyed.
  class Slot {
   public:
    Slot(StreamSlots& slots, std::string owner);
    ~Slot();
    Slot(const Slot&) = delete;
    Slot& operator=(const Slot&) = delete;

   private:
    StreamSlots& slots_;
    const std::string owner_;
  };

  explicit StreamSlots(int max_per_owner) : max_per_owner_(max_per_owner) {}
  // nullptr: the owner has reached the limit. This object must outlive its slots.
  std::unique_ptr<Slot> Take(const std::string& owner);
  int max_per_owner() const { return max_per_owner_; }

 private:
  const int max_per_owner_;
  std::mutex mutex_;
  std::map<std::string, int> open_;
};

}  // namespace gnosis
