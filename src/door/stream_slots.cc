#include "door/stream_slots.h"

#include <utility>

namespace gnosis {

StreamSlots::Slot::Slot(StreamSlots& slots, std::string owner)
    : slots_(slots), owner_(std::move(owner)) {}

StreamSlots::Slot::~Slot() {
  std::lock_guard lock(slots_.mutex_);
  const auto open = slots_.open_.find(owner_);
  if (--open->second == 0) slots_.open_.erase(open);
}

std::unique_ptr<StreamSlots::Slot> StreamSlots::Take(const std::string& owner) {
  std::lock_guard lock(mutex_);
  int& open = open_[owner];
  if (open >= max_per_owner_) return nullptr;
  ++open;
  return std::make_unique<Slot>(*this, owner);
}

}  // namespace gnosis
