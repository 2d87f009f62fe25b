#include "lstm/dawg.h"

#include <fmt/format.h>

#include <bit>

#include "lstm/byte_reader.h"

namespace gnosis {
namespace {

constexpr int16_t kMagic = 42;

}  // namespace

Result<Dawg> Dawg::Read(std::string_view bytes, int character_count, std::string_view name) {
  ByteReader reader(bytes, name);
  ASSIGN_OR_RETURN(const int16_t magic, reader.Read<int16_t>());
  ASSIGN_OR_RETURN(const int32_t characters, reader.Read<int32_t>());
  ASSIGN_OR_RETURN(const uint32_t count, reader.ReadCount(sizeof(uint64_t)));
  if (magic != kMagic || characters <= 0 || characters > character_count || count == 0) {
    return DamagedModel(fmt::format("its {} is not valid", name));
  }
  ASSIGN_OR_RETURN(const std::string_view edges, reader.Take(count * sizeof(uint64_t)));
  Dawg dawg;
  dawg.edges_ = edges.data();
  dawg.count_ = count;
  // One more than there are characters, for "no letter".
  dawg.letter_bits_ = std::bit_width(unsigned(characters));
  RETURN_IF_ERROR(dawg.Check(name));
  while (dawg.root_edges_ < dawg.count_ && !dawg.IsLast(dawg.root_edges_)) ++dawg.root_edges_;
  ++dawg.root_edges_;
  return dawg;
}

// A node that begins after the last marked edge would have no end.
Status Dawg::Check(std::string_view name) {
  end_ = count_;
  while (end_ > 0 && !IsLast(end_ - 1)) --end_;
  if (end_ == 0) return DamagedModel(fmt::format("its {} has no end", name));
  for (int64_t edge = 0; edge < end_; ++edge) {
    if (!IsEmpty(edge) && Node(edge) >= uint64_t(end_)) {
      return DamagedModel(fmt::format("its {} has an edge that points outside it", name));
    }
  }
  return Ok();
}

int64_t Dawg::FirstEdge(int character) const {
  int64_t low = 0;
  int64_t high = root_edges_;
  while (low < high) {
    const int64_t middle = (low + high) / 2;
    const uint64_t letter = Letter(middle);
    if (letter == uint64_t(character)) return middle;
    if (letter < uint64_t(character)) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return kNoEdge;
}

int64_t Dawg::NextEdge(int64_t edge, int character) const {
  const uint64_t node = Node(edge);
  if (node == 0 || node >= uint64_t(end_) || IsEmpty(int64_t(node))) return kNoEdge;
  for (int64_t next = int64_t(node); next < end_; ++next) {
    if (Letter(next) == uint64_t(character)) return next;
    if (IsLast(next)) break;
  }
  return kNoEdge;
}

bool Dawg::HasWordOf(int character) const {
  for (int64_t edge = 0; edge < root_edges_; ++edge) {
    if (Letter(edge) == uint64_t(character) && EndsWord(edge)) return true;
  }
  return false;
}

}  // namespace gnosis
