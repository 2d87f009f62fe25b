// A bearer token, and the list of keys it is to be verified with.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "google/jwt.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto token = gnosis::ParseJwt(text);
  if (token.ok()) {
    GNOSIS_CHECK(text.starts_with(token->signed_part));
    GNOSIS_CHECK(token->claims.is_object());
  }
  for (const auto algorithm : {gnosis::JwtAlgorithm::kRs256, gnosis::JwtAlgorithm::kEs256}) {
    const auto keys = gnosis::ParseJwks(text, algorithm);
    if (!keys.ok() || !token.ok()) continue;
    // Nobody has signed it.
    for (const auto& [id, key] : *keys) GNOSIS_CHECK(!key->Verifies(*token));
  }
  return 0;
}
