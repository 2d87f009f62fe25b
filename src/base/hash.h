// SHA-256 (FIPS 180-4, by OpenSSL) and CRC-32, as hexadecimal text.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/file.h"
#include "base/result.h"

namespace gnosis {

// Fed piece by piece from a stream.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;
  void Update(std::string_view bytes);
  std::string FinishHex();  // 64 lower-case digits; the object cannot be used afterwards

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

std::string Sha256Hex(std::string_view bytes);
// Takes as long for texts that differ in the first byte as for equal ones of the same length.
bool EqualsInConstantTime(std::string_view a, std::string_view b);
Result<std::string> Sha256OfFile(const FileDescriptor& file);
// CRC-32 (zlib's polynomial) as 8 hex digits: finds flipped bits in records.
std::string Crc32Hex(std::string_view bytes);

}  // namespace gnosis
