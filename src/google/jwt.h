// JSON Web Tokens (RFC 7519, 7515) and the keys that sign them (JWKS, RFC 7517), as far as Google's
// tokens need them: RS256 and ES256, compact form. Uses no network and no clock.
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
  std::string algorithm;  // as in the header; only the sender claims it
  std::string key_id;
  Json claims;
  std::string signed_part;  // header.payload, as received
  std::string signature;    // bytes
};
// The three parts of a token of at most 8 KiB. Nothing is verified. kInvalidArgument says what is
// wrong with its form; a duplicate member in an object is also wrong.
Result<Jwt> ParseJwt(std::string_view token);

// A public key; only used with the algorithm it was made for.
class SigningKey {
 public:
  virtual ~SigningKey() = default;
  virtual bool Verifies(const Jwt& token) const = 0;
};

// Keys by id. Unusable keys (another kind, no id, an RSA key of less than 2048 bits) are left out;
// kDamaged if the text is not a JWKS at all.
using SigningKeys = std::map<std::string, std::shared_ptr<const SigningKey>>;
Result<SigningKeys> ParseJwks(std::string_view bytes, JwtAlgorithm algorithm);

// Without padding, only its 64 characters (RFC 4648 section 5).
std::optional<std::string> DecodeBase64Url(std::string_view text);

}  // namespace gnosis
