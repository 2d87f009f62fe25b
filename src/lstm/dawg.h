// A word list of a model: a directed graph of letters, packed into 64-bit edges. A node is the
// index of its first edge; its edges are consecutive, and the last one is marked.
//
// Edges are used in place, in the bytes of the file. All are validated when the list is read, so
// that a walk cannot leave it.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/result.h"

namespace gnosis {

constexpr int64_t kNoEdge = -1;

class Dawg {
 public:
  // `bytes` must outlive the dawg. `name` is used in errors: "word list".
  static Result<Dawg> Read(std::string_view bytes, int character_count, std::string_view name);

  // The edge for `character` from the root, or from the node that `edge` leads to.
  int64_t FirstEdge(int character) const;
  int64_t NextEdge(int64_t edge, int character) const;
  bool EndsWord(int64_t edge) const { return (Edge(edge) >> letter_bits_ & kWordEnd) != 0; }
  // Whether the root has an edge for `character` that ends a word.
  bool HasWordOf(int character) const;

 private:
  static constexpr uint64_t kLast = 1;
  static constexpr uint64_t kBackward = 2;
  static constexpr uint64_t kWordEnd = 4;
  static constexpr int kFlagBits = 3;

  Dawg() = default;
  Status Check(std::string_view name);
  uint64_t Edge(int64_t edge) const {
    uint64_t value;
    std::memcpy(&value, edges_ + edge * int64_t(sizeof(value)), sizeof(value));
    return value;
  }
  uint64_t Letter(int64_t edge) const { return Edge(edge) & ((uint64_t{1} << letter_bits_) - 1); }
  uint64_t Node(int64_t edge) const { return Edge(edge) >> (letter_bits_ + kFlagBits); }
  bool IsLast(int64_t edge) const { return (Edge(edge) >> letter_bits_ & kLast) != 0; }
  // An unused slot between nodes: no flags, no letter, and the highest index as next node.
  bool IsEmpty(int64_t edge) const {
    return Edge(edge) == ~uint64_t{0} << (letter_bits_ + kFlagBits);
  }

  const char* edges_ = nullptr;
  int64_t count_ = 0;
  int64_t end_ = 0;         // after the last edge that is marked as the last of its node
  int64_t root_edges_ = 0;  // sorted by letter
  int letter_bits_ = 0;
};

}  // namespace gnosis
