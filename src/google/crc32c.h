// CRC-32C (Castagnoli, RFC 3720 appendix B.4), which Cloud Storage keeps for every object.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace gnosis {

class Crc32c {
 public:
  void Update(std::string_view bytes);
  uint32_t value() const { return ~state_; }
  std::string Base64() const;  // of the four bytes, high one first, as Cloud Storage writes it

 private:
  uint32_t state_ = 0xFFFFFFFFu;
};

std::string Crc32cBase64(std::string_view bytes);
// The two implementations, for tests; both take and return the internal state.
uint32_t Crc32cByTable(uint32_t state, std::string_view bytes);
uint32_t Crc32cByProcessor(uint32_t state, std::string_view bytes);
bool ProcessorHasCrc32c();

}  // namespace gnosis
