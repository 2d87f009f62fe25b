// Reads the numbers of a model file one after the other, little-endian, never past the end.
//
// Callers pass its errors on: truncated data or an impossible size is kDamaged, with the name of
// the part.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

#include "base/result.h"

namespace gnosis {

// "the model is damaged: WHAT", with a hint.
Error DamagedModel(std::string_view what);
// "the model WHAT": intact, but not supported.
Error UnsupportedModel(std::string_view what);

class ByteReader {
 public:
  ByteReader(std::string_view bytes, std::string_view part) : bytes_(bytes), part_(part) {}

  template <typename T>
  Result<T> Read() {
    static_assert(std::is_arithmetic_v<T>);
    if (bytes_.size() < sizeof(T)) return TooShort();
    T value;
    std::memcpy(&value, bytes_.data(), sizeof(T));
    bytes_.remove_prefix(sizeof(T));
    return value;
  }

  Result<std::string_view> Take(uint64_t count);
  // A number of elements; at least that many of `element_bytes` must follow.
  Result<uint32_t> ReadCount(size_t element_bytes);
  Result<std::string> ReadString();
  size_t left() const { return bytes_.size(); }

 private:
  Error TooShort() const;

  std::string_view bytes_;
  std::string_view part_;
};

}  // namespace gnosis
