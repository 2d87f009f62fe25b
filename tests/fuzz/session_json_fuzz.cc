// metadata.json, status.json and keys.json as anybody might leave them. What decodes survives being
// written and read again.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "door/api_keys.h"
#include "session/metadata.h"
#include "session/status.h"

namespace {

void CheckMetadata(std::string_view text) {
  const auto metadata = gnosis::DecodeMetadata(text);
  if (!metadata.ok()) return;
  const auto again = gnosis::DecodeMetadata(gnosis::EncodeMetadata(*metadata));
  GNOSIS_CHECK(again.ok() && *again == *metadata);
}

void CheckKeys(std::string_view text) {
  const auto keys = gnosis::DecodeApiKeys(text);
  if (!keys.ok()) return;
  GNOSIS_CHECK(keys->size() <= gnosis::kMaxApiKeys);
  const auto again = gnosis::DecodeApiKeys(gnosis::EncodeApiKeys(*keys));
  GNOSIS_CHECK(again.ok() && *again == *keys);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  CheckMetadata(text);
  CheckKeys(text);
  (void)gnosis::DecodeLastPublished(text);
  return 0;
}
