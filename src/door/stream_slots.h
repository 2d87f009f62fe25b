// How many event streams an owner has open. A slot is taken when the stream begins and given back
// by its destructor, however the stream ends.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace gnosis {

class StreamSlots {
 public:
  // Gives the slot back.
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
  // nullptr: the owner has as many as allowed. The slots must outlive it.
  std::unique_ptr<Slot> Take(const std::string& owner);
  int max_per_owner() const { return max_per_owner_; }

 private:
  const int max_per_owner_;
  std::mutex mutex_;
  std::map<std::string, int> open_;
};

}  // namespace gnosis
