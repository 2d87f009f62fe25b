// Disjoint sets of numbers that can be merged (union-find).
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace gnosis {

class DisjointSets {
 public:
  // Each number below `size` starts in a set of its own.
  explicit DisjointSets(size_t size = 0) {
    while (parents_.size() < size) Add();
  }
  // Adds the next number, in a set of its own.
  size_t Add() {
    parents_.push_back(parents_.size());
    return parents_.size() - 1;
  }
  size_t size() const { return parents_.size(); }
  // The smallest number of the set, which identifies it.
  size_t Find(size_t number) {
    while (parents_[number] != number) {
      number = parents_[number] = parents_[parents_[number]];
    }
    return number;
  }
  // Returns the number that identifies the merged set.
  size_t Join(size_t a, size_t b) {
    const size_t first = Find(a), second = Find(b);
    return parents_[std::max(first, second)] = std::min(first, second);
  }

 private:
  std::vector<size_t> parents_;
};

}  // namespace gnosis
