// processing.json as a bug or an enemy might leave it: the checksum is made to fit, so that what
// lies behind it is reached. What decodes is exactly what would be written.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/hash.h"
#include "session/processing.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)gnosis::DecodeProcessing(text);
  std::string sealed = std::string(text) + ",\n  \"checksum\": \"crc32:";
  sealed += gnosis::Crc32Hex(sealed) + "\"\n}\n";
  const auto record = gnosis::DecodeProcessing(sealed);
  if (record.ok()) GNOSIS_CHECK(gnosis::EncodeProcessing(*record) == sealed);
  if (!record.ok()) GNOSIS_CHECK(record.code() == gnosis::ErrorCode::kDamaged);
  return 0;
}
