// A map that keeps only the most recently used names: data that strangers can add must be bounded.
#pragma once

#include <cstddef>
#include <list>
#include <string>
#include <unordered_map>
#include <utility>

namespace gnosis {

template <typename Value>
class RecentMap {
 public:
  explicit RecentMap(size_t max_entries) : max_entries_(max_entries) {}

  // The value of `name`, created if there was none. The reference is valid until the next call.
  Value& Touch(const std::string& name) {
    if (const auto found = places_.find(name); found != places_.end()) {
      order_.splice(order_.begin(), order_, found->second);
      return order_.front().second;
    }
    if (order_.size() == max_entries_) {
      places_.erase(order_.back().first);
      order_.pop_back();
    }
    order_.emplace_front(name, Value());
    places_[name] = order_.begin();
    return order_.front().second;
  }
  size_t size() const { return order_.size(); }

 private:
  using Order = std::list<std::pair<std::string, Value>>;
  const size_t max_entries_;
  Order order_;  // most recent first
  std::unordered_map<std::string, typename Order::iterator> places_;
};

}  // namespace gnosis
