#include "lstm/byte_reader.h"

#include <fmt/format.h>

namespace gnosis {

Error DamagedModel(std::string_view what) {
  return Error{ErrorCode::kDamaged, fmt::format("the model is damaged: {}", what),
               "reinstall the language"};
}

Error UnsupportedModel(std::string_view what) {
  return Error{ErrorCode::kUnsupportedFormat, fmt::format("the model {}", what),
               "use the tesseract engine for this language"};
}

Error ByteReader::TooShort() const {
  return DamagedModel(fmt::format("its {} is truncated", part_));
}

Result<std::string_view> ByteReader::Take(uint64_t count) {
  if (count > bytes_.size()) return TooShort();
  const std::string_view taken = bytes_.substr(0, count);
  bytes_.remove_prefix(count);
  return taken;
}

Result<uint32_t> ByteReader::ReadCount(size_t element_bytes) {
  ASSIGN_OR_RETURN(const uint32_t count, Read<uint32_t>());
  if (count > bytes_.size() / element_bytes) return TooShort();
  return count;
}

Result<std::string> ByteReader::ReadString() {
  ASSIGN_OR_RETURN(const uint32_t length, ReadCount(1));
  ASSIGN_OR_RETURN(const std::string_view bytes, Take(length));
  return std::string(bytes);
}

}  // namespace gnosis
