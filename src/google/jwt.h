// A signed token in three parts (RFC 7519, compact form), taken apart. Nothing in it is true until
// its signature was checked: that is token_verifier.h's.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"

namespace gnosis {

inline constexpr size_t kMaxJwtBytes = 8 * 1024;

struct Jwt {
  std::string algorithm;  // as the header says
  std::string key_id;
  Json claims;
  std::string signed_text;  // header and claims as they were signed
  std::string signature;    // bytes
};

// Strict, as hostile input wants it: at most kMaxJwtBytes, three parts of base64url in its one
// spelling, two JSON objects of at most 8 levels without a member twice, `alg` and `kid` of at most
// 256 characters, and no header that asks for more (`crit`, `enc`, `zip`, `b64`, a `typ` other than
// JWT, a `cty`). Else kInvalidArgument and what is wrong with it, without any of its text.
Result<Jwt> ParseJwt(std::string_view text);

}  // namespace gnosis
