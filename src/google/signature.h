// The two signatures of the tokens we make and check (RFC 7518): RS256 and ES256, by OpenSSL.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace gnosis {

// A key for checking signatures. RSA keys of 2,048 to 8,192 bits, EC keys on P-256.
class PublicKey {
 public:
  virtual ~PublicKey() = default;
  virtual std::string_view algorithm() const = 0;  // "RS256" or "ES256"
  virtual bool Verifies(std::string_view text, std::string_view signature) const = 0;
};

// Numbers as big-endian bytes; kInvalidArgument if they are not such a key.
Result<std::shared_ptr<const PublicKey>> NewRsaKey(std::string_view modulus,
                                                   std::string_view exponent);
Result<std::shared_ptr<const PublicKey>> NewEcKey(std::string_view x, std::string_view y);

// With an RSA private key in PEM; kInvalidArgument when it is not one. The key never appears in a
// message.
Result<std::string> SignRs256(const std::string& private_key_pem, std::string_view text);

}  // namespace gnosis
