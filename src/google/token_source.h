// The interface to credentials: access tokens for Google's APIs. The sources are in credentials.h.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"

namespace gnosis {

class TokenSource {
 public:
  virtual ~TokenSource() = default;
  // For "Authorization: Bearer ..."; "" where none is needed (an emulator). From any thread.
  virtual Result<std::string> AccessToken() = 0;
  // Google answered 401 to it: never hand it out again.
  virtual void Forget(const std::string& token) = 0;
};

// For emulators: no token.
std::unique_ptr<TokenSource> NewNoTokens();

}  // namespace gnosis
