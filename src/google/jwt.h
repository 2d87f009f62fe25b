// JSON Web Tokens (RFC 7519, 7515) and the keys that sign them (JWKS, RFC 7517), as far as Google's
// tokens need them: RS256 and ES256, compact form. Knows no network and no clock.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "base/result.h"

namespace gnosis {

enum class JwtAlgorithm { kRs256, kEs256 };

struct Jwt {
  std::string algorithm;  // as the header says it; nobody's word but the sender's
  std::string key_id;
  Json claims;
  std::string signed_part;  // header.payload, as it came
  std::string signature;    // bytes
};
// The three parts of a token of at most 8 KiB. Nothing is verified. kInvalidArgument says what is
// wrong with its form; a member that stands twice in an object is wrong, too.
Result<Jwt> ParseJwt(std::string_view token);

// A public key; only ever used with the algorithm it was made for.
class SigningKey {
 public:
  virtual ~SigningKey() = default;
  virtual bool Verifies(const Jwt& token) const = 0;
};

// Keys by id. What cannot be used (another kind of key, no id, an RSA key of under 2048 bits) is
// left out; kDamaged when it is no JWKS at all.
using SigningKeys = std::map<std::string, std::shared_ptr<const SigningKey>>;
Result<SigningKeys> ParseJwks(std::string_view bytes, JwtAlgorithm algorithm);

// Without padding, nothing but its 64 characters (RFC 4648 section 5).
std::optional<std::string> DecodeBase64Url(std::string_view text);

}  // namespace gnosis
